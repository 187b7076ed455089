// How far it has got, in the order of the lines, and what became of them. Lines of people go to standard error.

/** How often somebody who does not sit before it hears of it, in items. */
const TOLD_EVERY = 5000;

export class Progress {
  #counts = new Map();
  #open = new Set();
  #farthest = 0;
  #sent = 0;
  #told = 0;
  refused = 0;

  begun(batch) {
    this.#open.add(batch[0].place);
    this.#farthest = batch.at(-1).place;
  }

  /** `words` says what each status is called in the summary, `note` what else a result tells. Without results nothing was sent. */
  finished(batch, results, { words, note = () => undefined }) {
    for (const [nth, { place }] of batch.entries()) {
      const result = results?.[nth] ?? {};
      if (result.status === "refused") {
        this.refuse(place, explained(result.errors));
        continue;
      }
      this.#count(results === undefined ? "read" : (words[result.status] ?? result.status));
      const told = note(result);
      if (told) this.#say(`line ${place}: ${told}`);
    }
    this.#open.delete(batch[0].place);
    this.#sent += batch.length;
    this.#tell();
  }

  refuse(place, why) {
    this.refused += 1;
    this.#say(`line ${place}: ${why}`);
  }

  /** The first line of which it is not sure that it is done. */
  next(from) {
    return this.#open.size > 0 ? Math.min(...this.#open) : Math.max(this.#farthest + 1, from);
  }

  close() {
    if (process.stderr.isTTY) process.stderr.write("\r\x1b[K");
  }

  summary() {
    const counts = [...this.#counts].map(([word, count]) => `${count} ${word}`);
    const refused = `${this.refused} refused${this.refused > 0 ? ", as said above" : ""}`;
    return `${[...counts, refused].join(", ")}.`;
  }

  #count(word) {
    this.#counts.set(word, (this.#counts.get(word) ?? 0) + 1);
  }

  #tell() {
    const line = `${this.#sent} so far, up to line ${this.next(1) - 1}`;
    if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${line}`);
    else if (this.#sent - this.#told >= TOLD_EVERY) console.error(line), (this.#told = this.#sent);
  }

  #say(line) {
    this.close();
    console.error(line);
  }
}

const explained = (errors = {}) =>
  Object.entries(errors)
    .map(([field, messages]) => `${field === "non_field_errors" ? "" : `${field}: `}${messages.join(" ")}`)
    .join("; ") || "refused without a reason";
