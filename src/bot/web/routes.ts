/** Every route in one list, in the order of the documentation: for machines, signing in, reading, acting. */
import type { WebDeps } from './deps.ts';
import type { LiveFeed } from './live-feed.ts';
import { openApi } from './openapi.ts';
import type { EventCounters } from './prometheus.ts';
import { ok, type Route, route } from './route.ts';
import { actRoutes } from './routes/act.ts';
import { backupRoutes } from './routes/backups.ts';
import { feedRoute } from './routes/feed.ts';
import { type LoginDeps, loginRoutes } from './routes/login.ts';
import { lookRoutes } from './routes/look.ts';
import { systemRoutes } from './routes/system.ts';
import { taskRoutes } from './routes/tasks.ts';

export type RouteDeps = WebDeps & LoginDeps & { readonly counters: EventCounters; readonly feed: LiveFeed };

export function allRoutes(deps: RouteDeps): readonly Route[] {
  const described = route({
    method: 'GET',
    path: '/api/openapi.json',
    summary: 'This list, as OpenAPI 3.0.',
    role: 'viewer',
    answer: () => ok(openApi(routes, deps.controls.status().version)),
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
