# SPDX-License-Identifier: Apache-2.0
"""Used by `metrics`: the text format of Prometheus, and a real node_exporter and Prometheus on the usual ports."""
import contextlib
import json
import re
import subprocess
import urllib.error
import urllib.parse
import urllib.request

PROMETHEUS = """global: {{scrape_interval: 1s, evaluation_interval: 1s}}
rule_files: [{rules}]
scrape_configs:
  - job_name: node
    static_configs: [{{targets: ["127.0.0.1:9100"]}}]
"""


def samples_of(text):
    """{(name, labels): value}; the labels as they are written."""
    found = re.findall(r"^(\w+)(?:{(.*)})? (\S+)$", text, re.MULTILINE)
    return {(name, labels): float(value) for name, labels, value in found}


def total(samples, name):
    return sum(value for (own, _), value in samples.items() if own == name)


def nonzero(samples, name):
    return {labels: int(value) for (own, labels), value in samples.items() if own == name and value}


def answer(path):
    """Of Prometheus; None: not yet."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:9090/api/v1/{path}", timeout=5) as reply:
            return json.load(reply)["data"]
    except (urllib.error.URLError, OSError):
        return None


def value_of(query):
    data = answer("query?" + urllib.parse.urlencode({"query": query}))
    return float(data["result"][0]["value"][1]) if data and data["result"] else None


def firing():
    data = answer("alerts")
    return {alert["labels"]["alertname"] for alert in data["alerts"] if alert["state"] == "firing"} if data else set()


@contextlib.contextmanager
def running(directory, textfiles, rules):
    """Both, with the rules and what is in the directory textfiles."""
    config = f"{directory}/prometheus.yml"
    with open(config, "w", encoding="ascii") as file:
        file.write(PROMETHEUS.format(rules=rules))
    with open(f"{directory}/servers.log", "wb") as log:
        servers = [subprocess.Popen(command, stdout=log, stderr=log) for command in (
            ["prometheus-node-exporter", "--collector.disable-defaults", "--collector.textfile",
             f"--collector.textfile.directory={textfiles}", "--web.listen-address=127.0.0.1:9100"],
            ["prometheus", f"--config.file={config}", f"--storage.tsdb.path={directory}/tsdb",
             "--web.listen-address=127.0.0.1:9090"])]
    try:
        yield
    finally:
        for server in servers:
            server.terminate()
            server.wait()
