// Which parts of the page are there, and where the focus goes when they change.

import { byId } from "../lib/dom.js";

/** For each state of the session the parts that are shown; its title is the first one's. */
const PARTS = { signed_in: ["signed-in"], ended: ["ended", "signed-out"], signed_out: ["signed-out"] };

const ALL = [...new Set(Object.values(PARTS).flat())];

let shown;

/** `here`: whoever is in front of the page has asked for it, so the focus goes along. */
export function view(state, here) {
  const changed = shown !== undefined && shown !== state;
  const parts = PARTS[state];
  // The focus would be nowhere when the part that has it goes.
  const loses = ALL.some((id) => !parts.includes(id) && byId(id).contains(document.activeElement));
  for (const id of ALL) byId(id).hidden = !parts.includes(id);
  if (changed && (here || loses)) byId(`${parts[0]}-title`).focus();
  shown = state;
}
