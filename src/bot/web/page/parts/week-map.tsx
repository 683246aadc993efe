/** The load of each hour of the week as a map of 7 × 24 cells; busy hours are outlined. */
import type { JSX } from 'preact';
import type { ProfileView } from '../../../budget-views.ts';
import { metricWords } from '../../../figures.ts';

const CELL = 12;
const DAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];

export function WeekMap({ profile }: { readonly profile: ProfileView }): JSX.Element {
  const name = metricWords(profile.metric);
  return (
    <section class="card" aria-label={name}>
      <h3>{name}</h3>
      <p class="sub">{words(profile)}</p>
      {profile.hours.length > 0 && <Hours profile={profile} label={`${name}: ${words(profile)}`} />}
    </section>
  );
}

function words({ kind, days, neededDays, peakHours, surePercent }: ProfileView): string {
  if (kind === 'not_enough') return `Not enough history yet: ${days} of ${neededDays} days.`;
  if (kind === 'flat') return `No hour is reliably busier than another (${days} days).`;
  return `Busy ${peakHours}; ${surePercent} % of the hours of other weeks agree (${days} days).`;
}

function Hours({ profile, label }: { readonly profile: ProfileView; readonly label: string }): JSX.Element {
  const known = profile.hours.filter((value) => value !== null);
  const [low, high] = [Math.min(...known), Math.max(...known)];
  return (
    <svg class="week" role="img" aria-label={label} viewBox={`0 0 ${24 * CELL + 30} ${7 * CELL}`}>
      {DAYS.map((day, row) => (
        <text key={day} x={0} y={row * CELL + 9} font-size="9" fill="currentColor">
          {day}
        </text>
      ))}
      {profile.hours.map((value, hour) => {
        const opacity = value === null ? 0 : 0.08 + (0.92 * (value - low)) / Math.max(1e-9, high - low);
        return (
          <rect
            key={hour}
            x={30 + (hour % 24) * CELL}
            y={Math.floor(hour / 24) * CELL}
            width={CELL - 1}
            height={CELL - 1}
            fill="currentColor"
            fill-opacity={opacity.toFixed(2)}
            stroke="currentColor"
            stroke-opacity={profile.peak[hour] === true ? 0.9 : 0}
          />
        );
      })}
    </svg>
  );
}
