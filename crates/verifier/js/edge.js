export { createGuard } from "./guard.js";
export { forHono } from "./hono.js";
