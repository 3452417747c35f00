"""What the API page shows as examples is answered by the services themselves."""

import httpx
import pytest
from lucid_gateway.pages import data
from lucid_gateway.routes import build_table, mesh_services
from lucid_testkit.mesh import Mesh

EXAMPLES = data("lucid_gateway", "examples.json")
COHERENCE = sorted(name for name in EXAMPLES if ".coherence." in name)
TABLE = build_table(mesh_services())


@pytest.mark.parametrize("name", COHERENCE)
def test_an_example_about_coherence_is_answered(mesh: Mesh, name: str) -> None:
    route = next(r for r in TABLE.routes if r.is_canonical and r.rpc.full_name == name)
    url = f"http://{mesh.layout.address('gateway')}{route.path}"
    answer = httpx.post(url, json=EXAMPLES[name], timeout=60)
    assert answer.status_code == 200, answer.text
    assert '"error"' not in answer.text
    if name.endswith("/CertifyCoherence"):
        assert '"certified":true' in answer.text.replace(" ", "")
