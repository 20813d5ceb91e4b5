/** Records that contain themselves directly: no value of them could ever end. */
import { advice, diagnose, kinds, notes } from "../../diagnostics.js";
import { components, shortestCycle } from "../cycles.js";
import type { Check, Declaration } from "../world.js";

export const checkContainment: Check = (world, report) => {
  const contained = (declaration: Declaration): readonly Declaration[] =>
    declaration.class.fields.flatMap((field) => world.directRecord(field.type) ?? []);
  const position = new Map(world.declarations.map((declaration, index) => [declaration, index]));

  for (const component of components(world.declarations, contained)) {
    const [first] = [...component].sort((a, b) => (position.get(a) ?? 0) - (position.get(b) ?? 0));
    if (first === undefined) continue;
    const cycle = shortestCycle(first, contained);
    if (cycle.length === 0) continue;
    const steps = cycle.flatMap((owner, index) => {
      const next = cycle[index + 1] ?? first;
      const field = owner.class.fields.find(({ type }) => world.directRecord(type) === next);
      return field === undefined ? [] : [{ owner, next, span: field.type.span }];
    });
    const [start, ...others] = steps;
    if (start === undefined) continue;
    report(
      diagnose(
        kinds.infiniteRecord,
        [[...cycle, first].map((declaration) => declaration.class.name)],
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
