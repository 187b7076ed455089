// Elements from data. Whatever comes from outside becomes text or an attribute's value, and never HTML.

export const byId = (id) => document.getElementById(id);

/**
 * `el("a", { href: "/", class: "quiet" }, "Home", icon)`. Attributes that are undefined, null or false are left out, `true`
 * is an empty one; a function is a listener for the event of its name. Children are nodes or text; undefined, null and false
 * are none.
 */
export function el(name, attributes = {}, ...children) {
  return filled(document.createElement(name), attributes, children);
}

/** The same for the elements of SVG. */
export function svg(name, attributes = {}, ...children) {
  return filled(document.createElementNS("http://www.w3.org/2000/svg", name), attributes, children);
}

/** Puts children in the place of all that `node` holds. */
export function fill(node, ...children) {
  node.replaceChildren(...children.filter(isSomething));
  return node;
}

function filled(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") node.addEventListener(name, value);
    else if (isSomething(value)) node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.filter(isSomething));
  return node;
}

const isSomething = (value) => value !== undefined && value !== null && value !== false;
