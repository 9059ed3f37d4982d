"""The register: what others hold of a subject, disclosures, requests, offers of the alternative."""
