// The accounts that this Worker keeps itself, if it does.

const REGISTRATION = "/api/v1/users/registration/";

/** `{ kept, field }`: whether there are such accounts, and what the field is called that holds the address (`USERNAME_FIELD`). */
export async function accountsHere() {
  try {
    const answer = await fetch(REGISTRATION, { method: "OPTIONS", headers: { accept: "application/json" } });
    if (answer.status === 404) return { kept: false };
    const { actions } = await answer.json();
    const [field] = Object.entries(actions.POST).find(([, { type }]) => type === "email");
    return { kept: true, field };
  } catch {
    // Then a form will tell what is wrong.
    return { kept: true, field: "email" };
  }
}
