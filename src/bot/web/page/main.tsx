/** Entry of the console: who is signed in decides what is drawn and whether the live feed runs. */
import { render } from 'preact';
import { get } from './api.ts';
import { App } from './app.tsx';
import { startFeed } from './live.ts';
import { startRouter } from './router.ts';
import { type Session, session } from './store.ts';

startRouter();
const root = document.getElementById('app');
if (root !== null) {
  root.replaceChildren();
  render(<App signedIn={() => void enter()} />, root);
}
void enter();

async function enter(): Promise<void> {
  try {
    session.value = await get<Session>('/api/session');
  } catch {
    // Nobody is signed in, or nothing answers: the login page is the place to go on from.
    session.value = null;
    return;
  }
  startFeed();
}
