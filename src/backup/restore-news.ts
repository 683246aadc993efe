/** What a restore tells everybody who listens. */
import type { EventOf } from '../domain/events.ts';
import type { Room } from './room.ts';

type RestoreEvent = EventOf<
  'restore.started' | 'restore.waiting' | 'restore.finished' | 'restore.rolled_back'
>;

export function tellRestore({ deps }: Room, event: RestoreEvent): void {
  deps.bus?.publish(event);
}
