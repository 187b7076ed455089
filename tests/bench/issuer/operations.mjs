// What is measured: for each operation the request for one person, the status it is answered with, and what is kept of the answer.
// A person is `{ sub, access, refresh }`, with `email` and `password` where there is an account.

import { basic, CLIENTS, GATE, LOGIN } from "../../support/clients.mjs";
import { bearer } from "../../support/request.mjs";

export { CLIENTS };

export const PASSWORD = "correct-horse";

const asLogin = basic(LOGIN);
const asGate = basic(GATE);

const keepPair = (person, { access, refresh }) => Object.assign(person, { access, refresh });

export const OPERATIONS = {
  open: {
    // Unless there is a group, whoever is next is somebody new.
    newcomers: true,
    ask: ({ sub, profile }) => ({ method: "POST", path: "/api/sessions/", headers: asLogin, json: { sub, profile } }),
    status: 201,
    keep: keepPair,
  },
  register: {
    ask: ({ email }) => ({ method: "POST", path: "/api/v1/users/registration/", json: { email, password: PASSWORD } }),
    status: 201,
    keep: (person, { access_token: access, refresh_token: refresh }) => keepPair(person, { access, refresh }),
  },
  login: {
    ask: ({ email }) => ({ method: "POST", path: "/api/token/", json: { email, password: PASSWORD } }),
    status: 200,
  },
  refresh: {
    ask: ({ refresh }) => ({ method: "POST", path: "/api/token/refresh/", json: { refresh } }),
    status: 200,
    keep: keepPair,
  },
  strict: {
    ask: ({ access }) => ({ method: "GET", path: "/api/v1/users/info/", headers: bearer(access) }),
    status: 200,
  },
  check: {
    ask: ({ access }) => ({ method: "GET", path: "/api/check/", headers: bearer(access) }),
    status: 200,
  },
  introspect: {
    ask: ({ access }) => ({ method: "POST", path: "/oauth/introspect", headers: asGate, form: `token=${access}` }),
    status: 200,
    holds: ({ active }) => active === true,
  },
  jwks: {
    ask: () => ({ method: "GET", path: "/.well-known/jwks.json" }),
    status: 200,
  },
  hello: {
    ask: () => ({ method: "GET", path: "/healthz" }),
    status: 200,
  },
};
