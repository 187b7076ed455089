// Whether anybody is still there.

const LIMIT = 15 * 60_000;
const WARNED_AT = LIMIT - 60_000;

const SIGNS_OF_LIFE = ["pointerdown", "pointermove", "keydown", "wheel", "touchstart"];

/**
 * Calls `onIdle` after 15 minutes without a sign of life, and `onWarning` a minute before; when there is one in between,
 * `onReturn`.
 */
export function watchIdleness({ signal, onWarning, onReturn, onIdle }) {
  let last = Date.now();
  let warned = false;
  let timer;

  function look() {
    clearTimeout(timer);
    if (signal.aborted) return;
    const idle = Date.now() - last;
    if (idle >= LIMIT) return onIdle();
    if (idle >= WARNED_AT && !warned) onWarning();
    warned = idle >= WARNED_AT;
    timer = setTimeout(look, (warned ? LIMIT : WARNED_AT) - idle);
  }

  function alive() {
    // After a sleep of the machine the timers are late, and the first movement would count as life.
    if (Date.now() - last >= LIMIT) return look();
    last = Date.now();
    if (!warned) return;
    look();
    onReturn();
  }

  for (const sign of SIGNS_OF_LIFE) addEventListener(sign, alive, { signal, passive: true, capture: true });
  document.addEventListener("visibilitychange", look, { signal });
  signal.addEventListener("abort", () => clearTimeout(timer));
  look();
}
