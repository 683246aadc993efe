/** Every route in one list, in the order of docs: for machines, signing in, reading, acting. */
import type { WebDeps } from './deps.ts';
import type { LiveFeed } from './live-feed.ts';
import type { EventCounters } from './prometheus.ts';
import type { Route } from './route.ts';
import { actRoutes } from './routes/act.ts';
import { type LoginDeps, loginRoutes } from './routes/login.ts';
import { lookRoutes } from './routes/look.ts';
import { systemRoutes } from './routes/system.ts';

export type RouteDeps = WebDeps & LoginDeps & { readonly counters: EventCounters; readonly feed: LiveFeed };

export function allRoutes(deps: RouteDeps): readonly Route[] {
  return [
    ...systemRoutes({ ...deps, feedClients: deps.feed.clients }),
    ...loginRoutes(deps),
    ...lookRoutes(deps),
    ...actRoutes(deps),
  ];
}
