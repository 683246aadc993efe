/** Every route in one list, in the order of the documentation: for machines, signing in, reading, acting. */
import type { WebDeps } from './deps.ts';
import { HOOK_DOORS } from './hook-routes.ts';
import type { LiveFeed } from './live-feed.ts';
import { type DescribedRoute, openApi } from './openapi.ts';
import type { EventCounters } from './prometheus.ts';
import { ok, type Route, route } from './route.ts';
import { actRoutes } from './routes/act.ts';
import { backupRoutes } from './routes/backups.ts';
import { feedRoute } from './routes/feed.ts';
import { type LoginDeps, loginRoutes } from './routes/login.ts';
import { lookRoutes } from './routes/look.ts';
import { systemRoutes } from './routes/system.ts';
import { taskRoutes } from './routes/tasks.ts';

const SLACK_DOOR: DescribedRoute = {
  method: 'POST',
  path: '/slack/events',
  summary: "Slack's signed requests, where Slack is set up without Socket Mode.",
  role: 'public',
};

export type RouteDeps = WebDeps & LoginDeps & { readonly counters: EventCounters; readonly feed: LiveFeed };

export function allRoutes(deps: RouteDeps): readonly Route[] {
  const described = route({
    method: 'GET',
    path: '/api/openapi.json',
    summary: 'This list, as OpenAPI 3.0.',
    role: 'viewer',
    answer: async () => {
      const { ANSWERS } = await import('./answers.ts');
      return ok(openApi([...routes, ...otherDoors(deps)], ANSWERS, deps.controls.status().version));
    },
  });
  const routes: readonly Route[] = [
    ...systemRoutes({ ...deps, feedClients: deps.feed.clients }),
    ...loginRoutes(deps),
    ...lookRoutes(deps),
    ...backupRoutes(deps),
    ...taskRoutes(deps),
    feedRoute(deps),
    ...actRoutes(deps),
    described,
  ];
  return routes;
}

/** Doors that stand outside the table, because their bodies are taken as bytes. */
function otherDoors({ hooks, slackHttp }: RouteDeps): readonly DescribedRoute[] {
  return [...(hooks === undefined ? [] : HOOK_DOORS), ...(slackHttp === undefined ? [] : [SLACK_DOOR])];
}
