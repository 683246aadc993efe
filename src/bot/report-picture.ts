/** The picture of a report on its way to chat and mail: painted when it is wanted, in the same child as the charts. */
import type { ReportPicture } from '../domain/report.ts';
import type { ChartPainter } from './chart-png.ts';
import type { WantedPicture } from './outbox-step.ts';

/** `undefined` where nothing was drawn. */
export function paintedReport(
  picture: ReportPicture | null,
  painter: ChartPainter,
): WantedPicture | undefined {
  if (picture === null) return undefined;
  const { slug: key, svg, alt } = picture;
  return {
    key,
    async make() {
      const png = await painter.paint(svg);
      return png === null ? null : { key, alt, png };
    },
  };
}
