// How a page comes back by itself: it asks whether the server lives, and only then loads itself anew, so that a browser never ends on an error page.

const askEveryMs = 1500;
const answerWithinMs = 1500;
let healing = false;

export async function serverLives(): Promise<boolean> {
  try {
    const answer = await fetch("/healthz/live", { cache: "no-store", signal: AbortSignal.timeout(answerWithinMs) });
    return answer.ok;
  } catch {
    return false;
  }
}

/** Waits for the server and then runs `back`; true from it ends the waiting, false loads the page anew, an error waits on. */
export async function healWith(back: () => Promise<boolean>): Promise<void> {
  if (healing) return;
  healing = true;
  for (;;) {
    if (await serverLives()) {
      try {
        if (await back()) break;
        location.reload();
        return;
      } catch {
        // The server lives but does not take the circuit back yet.
      }
    }
    await new Promise(resolve => setTimeout(resolve, askEveryMs));
  }
  healing = false;
}
