/** The hooks and pings as the OpenAPI document tells them; `hook-routes.ts` opens them, a test compares both. */
import { z } from 'zod';
import type { DescribedRoute } from './openapi.ts';

/** Their secret is in the path, or in a signature. */
export const HOOK_DOORS: readonly DescribedRoute[] = [
  {
    method: 'POST',
    path: '/hooks/:source/:token',
    summary:
      'Takes alerts and deployments of another program, as that program sends them; 202 once it is on disk.',
    role: 'public',
    query: z.object({ 'dry-run': z.enum(['0', '1', 'true', 'false']).optional() }),
    body: z.unknown(),
  },
  ...(['GET', 'POST'] as const).flatMap((method): readonly DescribedRoute[] => [
    { method, path: '/ping/:id', summary: 'A cron job says that it is done.', role: 'public' },
    {
      method,
      path: '/ping/:id/:signal',
      summary: 'The same with "start", "fail" or an exit code from 0 to 255.',
      role: 'public',
    },
  ]),
];
