/** The frame around every page, and which page an address means. */
import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import { Audit } from './pages/audit.tsx';
import { Commands } from './pages/commands.tsx';
import { Healing } from './pages/healing.tsx';
import { Incident } from './pages/incident.tsx';
import { Incidents } from './pages/incidents.tsx';
import { Login } from './pages/login.tsx';
import { More } from './pages/more.tsx';
import { Overview } from './pages/overview.tsx';
import { Tasks } from './pages/tasks.tsx';
import { Workers } from './pages/workers.tsx';
import { Lazy } from './parts/lazy.tsx';
import { Notice } from './parts/notice.tsx';
import { Rail } from './parts/rail.tsx';
import { go, place } from './router.ts';
import { feed, liveIncidents, session } from './store.ts';
import { clockWords } from './time.ts';

export function App({ signedIn }: { readonly signedIn: () => void }): JSX.Element {
  const who = session.value;
  if (who === undefined) return <p class="loading">Nightshift</p>;
  if (who === null) return <Login done={signedIn} />;
  return <Frame />;
}

function Frame(): JSX.Element {
  const { path } = place.value;
  useEffect(() => {
    if (path === '/login') go('/', 'replace');
    document.title = titleOf(path);
  }, [path, liveIncidents.value]);
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      const typing =
        event.target instanceof Element && event.target.closest('input, textarea, select') !== null;
      if (event.key !== '/' || typing || event.metaKey || event.ctrlKey) return;
      event.preventDefault();
      go('/commands');
    };
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, []);
  return (
    <div class="app">
      <a class="skip" href="#main">
        To the content
      </a>
      <Rail />
      <main id="main" tabIndex={-1}>
        <Connection />
        <PageAt path={path} />
      </main>
      <Notice />
    </div>
  );
}

function PageAt({ path }: { readonly path: string }): JSX.Element {
  const incident = /^\/incidents\/([^/]+)$/.exec(path)?.[1];
  if (incident !== undefined) return <Incident key={incident} id={decodeURIComponent(incident)} />;
  switch (path) {
    case '/':
    case '/login':
      return <Overview />;
    case '/incidents':
      return <Incidents />;
    case '/history':
      return <Lazy load={async () => (await import('./pages/metrics.tsx')).Metrics} />;
    case '/healing':
      return <Healing />;
    case '/budgets':
      return <Lazy load={async () => (await import('./pages/budgets.tsx')).Budgets} />;
    case '/workers':
      return <Workers />;
    case '/tasks':
      return <Tasks />;
    case '/backups':
      return <Lazy load={async () => (await import('./pages/backups.tsx')).Backups} />;
    case '/audit':
      return <Audit />;
    case '/commands':
      return <Commands />;
    case '/more':
      return <More />;
    default:
      return (
        <>
          <h1>There is no such page.</h1>
          <p class="sub">
            <a href="/">Overview</a>
          </p>
        </>
      );
  }
}

/** Said plainly while what is shown may be old. */
function Connection(): JSX.Element {
  const state = feed.value;
  return (
    <div role="status">
      {state.kind === 'lost' && (
        <p class="banner">
          Not connected since {clockWords(state.since, Date.now())}. What you see may be old. Trying again.
        </p>
      )}
    </div>
  );
}

const TITLES: Readonly<Record<string, string>> = {
  '/incidents': 'Incidents',
  '/history': 'Metrics',
  '/healing': 'Healing',
  '/budgets': 'Budgets',
  '/workers': 'Workers',
  '/tasks': 'Tasks',
  '/backups': 'Backups',
  '/audit': 'Audit',
  '/commands': 'Any command',
  '/more': 'More',
};

function titleOf(path: string): string {
  const incident = liveIncidents.value.find(({ id }) => path === `/incidents/${id}`);
  const name = incident?.title ?? TITLES[path];
  return name === undefined ? 'Nightshift' : `${name} · Nightshift`;
}
