// A peer of another language: a process that answers each line of JSON with one, in order.

import { spawn } from "node:child_process";
import { createInterface } from "node:readline";

export class Lines {
  #process;
  #waiting = [];

  constructor(command, args) {
    this.#process = spawn(command, args, { stdio: ["pipe", "pipe", "inherit"] });
    createInterface({ input: this.#process.stdout }).on("line", (line) => this.#waiting.shift()?.resolve(JSON.parse(line)));
    this.#process.once("close", (code) => this.#fail(new Error(`${command} has ended with ${code}`)));
    this.#process.once("error", (error) => this.#fail(error));
    // Who asks nothing more and stops is told of the rest by `close`.
    this.#process.stdin.on("error", () => {});
  }

  /** The answer: what it is about, or `{ error }`. */
  ask(question) {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      this.#process.stdin.write(`${JSON.stringify(question)}\n`);
    });
  }

  /** The same for what has to work, or throws: the answer's `ok`. */
  async must(question) {
    const { ok, error } = await this.ask(question);
    if (error !== undefined) throw new Error(error);
    return ok;
  }

  close() {
    this.#process.stdin.end();
  }

  #fail(error) {
    for (const { reject } of this.#waiting.splice(0)) reject(error);
  }
}
