// What a test wants to know of a Markdown file: its fenced blocks and its tables.

/** The fenced blocks, in order, those of a list's items too: `{ language, text }`. */
export function fencedBlocks(markdown) {
  const blocks = [...markdown.matchAll(/^( *)```(\w*)\n(.*?)^\1```$/gms)];
  return blocks.map(([, indent, language, text]) => ({ language, text: text.replaceAll(new RegExp(`^${indent}`, "gm"), "") }));
}

/** The commands of a shell block: one a line, unless a backslash or a bracket says that it goes on. */
export function commandsOf(text) {
  const commands = [];
  let open = "";
  for (const line of text.trimEnd().split("\n")) {
    open += line;
    if (line.endsWith("\\") || count(open, "(") > count(open, ")")) open += "\n";
    else commands.push(open), (open = "");
  }
  return open === "" ? commands : [...commands, open];
}

// Brackets in quotes are not the shell's.
const count = (command, bracket) => command.replace(/'[^']*'/g, "").split(bracket).length - 1;

/** The rows below a table's header, each an object by column; the table is known by its columns. */
export function tableRows(markdown, columns) {
  const lines = markdown.split("\n");
  const header = lines.findIndex((line) => cells(line).join() === columns.join());
  if (header < 0) throw new Error(`no table with the columns ${columns.join(", ")}`);
  const end = lines.findIndex((line, at) => at > header && !line.startsWith("|"));
  return lines
    .slice(header + 2, end < 0 ? undefined : end)
    .map((line) => Object.fromEntries(cells(line).map((cell, at) => [columns[at], cell])));
}

const cells = (line) => (line.startsWith("|") ? line.slice(1, line.lastIndexOf("|")).split("|").map((cell) => cell.trim()) : []);

/** The texts in `code` of a cell. */
export const codes = (cell) => [...cell.matchAll(/`([^`]+)`/g)].map(([, code]) => code);
