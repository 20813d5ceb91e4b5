/** Records that contain themselves directly: no value of them could ever end. */
import { advice, diagnose, kinds, notes } from "../../diagnostics.js";
import { cyclesOf } from "../cycles.js";
import type { Check, Declaration } from "../sources.js";

export const checkContainment: Check = (sources, report) => {
  const contained = (declaration: Declaration): readonly Declaration[] =>
    declaration.class.fields.flatMap((field) => sources.directRecord(field.type) ?? []);
  for (const cycle of cyclesOf(sources.declarations, contained)) {
    const steps = cycle.flatMap((owner, index) => {
      const next = cycle[(index + 1) % cycle.length];
      const field = owner.class.fields.find(({ type }) => sources.directRecord(type) === next);
      return field === undefined || next === undefined
        ? []
        : [{ owner, next, span: field.type.span }];
    });
    const [start, ...others] = steps;
    if (start === undefined) continue;
    report(
      diagnose(
        kinds.infiniteRecord,
        [[...cycle, start.owner].map((declaration) => declaration.class.name)],
        start.span,
        {
          suggestion: advice.breakRecord,
          related: others.map(({ owner, next, span }) => ({
            message: notes.containedHere(owner.class.name, next.class.name),
            span,
          })),
        },
      ),
    );
  }
};
