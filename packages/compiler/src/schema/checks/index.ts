/** The table of checks. A new check is a function in this folder and one line here. */
import type { Check } from "../sources.js";
import {
  checkNonNullFields,
  checkOptionalFields,
  checkStrayAnnotations,
  checkUnknownAnnotations,
} from "./annotations.js";
import { checkContainment } from "./containment.js";
import { checkDuplicateClasses, checkDuplicateFields, checkLetterCase } from "./duplicates.js";
import { checkOptionalEmptyRecords } from "./empty-records.js";
import { checkIncludeCycles, checkMissingIncludes } from "./includes.js";
import { checkOpenEndedRecords } from "./open-ended.js";
import { checkTypes } from "./types.js";

/** Run in this order: the check of types comes first, because others ask what the names mean. */
export const checks: readonly Check[] = [
  checkTypes,
  checkMissingIncludes,
  checkIncludeCycles,
  checkDuplicateClasses,
  checkDuplicateFields,
  checkLetterCase,
  checkContainment,
  checkUnknownAnnotations,
  checkStrayAnnotations,
  checkOptionalFields,
  checkNonNullFields,
  checkOpenEndedRecords,
  checkOptionalEmptyRecords,
];
