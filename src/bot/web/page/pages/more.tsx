/** On a phone: the pages that do not fit the bar. */
import type { JSX } from 'preact';
import { SignOut } from '../parts/rail.tsx';
import { session, status } from '../store.ts';

export function More(): JSX.Element {
  return (
    <>
      <h1>More</h1>
      <section class="card rows links">
        <a href="/budgets">Budgets</a>
        <a href="/workers">Workers</a>
        <a href="/tasks">Tasks</a>
        <a href="/backups">Backups</a>
        <a href="/audit">Audit</a>
        <a href="/commands">Any command</a>
      </section>
      <h2>This console</h2>
      <section class="card">
        <p>
          {status.value?.host} · Nightshift {session.value?.version}
        </p>
        <p class="sub">Signed in as {session.value?.who}.</p>
        <div class="acts">
          <SignOut />
        </div>
      </section>
    </>
  );
}
