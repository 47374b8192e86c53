using System.Text.Json.Nodes;

namespace Essaim.Server.Tests;

public sealed class ApiDocumentTests : IAsyncLifetime
{
    private ServerHarness _core = null!;

    public async ValueTask InitializeAsync() => _core = await ServerHarness.StartAsync();

    public ValueTask DisposeAsync() => _core.DisposeAsync();

    [Fact]
    public async Task Document_EveryRoute_IsThereWithSummaryAndProblems()
    {
        JsonNode document = (await _core.GetAsync("/openapi/v1.json")).Json;

        Assert.StartsWith("3.1", (string)document["openapi"]!, StringComparison.Ordinal);
        Assert.Equal(
            [
                "DELETE /v1/devices/{id}", "DELETE /v1/functions/{name}", "DELETE /v1/functions/{name}/versions/{version}", "DELETE /v1/queues/{name}/messages", "DELETE /v1/tasks/{id}", "GET /healthz", "GET /metrics", "GET /v1/audit",
                "GET /v1/config", "GET /v1/config/diff", "GET /v1/config/history", "GET /v1/config/history/{version}", "GET /v1/dead-letters",
                "GET /v1/devices", "GET /v1/edge/events", "GET /v1/functions", "GET /v1/functions/{name}", "GET /v1/functions/{name}/runs", "GET /v1/functions/{name}/versions",
                "GET /v1/functions/{name}/versions/{version}", "GET /v1/functions/{name}/versions/{version}/runs", "GET /v1/functions/{name}/versions/{version}/source",
                "GET /v1/placement", "GET /v1/queues", "GET /v1/rounds", "GET /v1/rounds/{id}",
                "GET /v1/rounds/{id}/votes.csv", "GET /v1/schedules", "GET /v1/tasks", "GET /v1/tasks/{id}", "GET /v1/tasks/{id}/artifacts",
                "GET /v1/tasks/{id}/artifacts/{path}", "GET /v1/tasks/{id}/events", "GET /v1/tasks/{id}/log", "GET /v1/tasks/{id}/log/events",
                "GET /v1/tasks/{id}/result", "GET /v1/tasks/{id}/why", "GET /v1/version", "GET /v1/workers", "POST /v1/config", "POST /v1/config/rollback",
                "POST /v1/dead-letters/{id}/replay", "POST /v1/devices", "POST /v1/devices/{id}/commands", "POST /v1/files", "POST /v1/functions", "POST /v1/functions/{name}/runs",
                "POST /v1/functions/{name}/versions", "POST /v1/functions/{name}/versions/{version}/runs", "POST /v1/placement", "POST /v1/queues/{name}/pause",
                "POST /v1/queues/{name}/resume", "POST /v1/rounds", "POST /v1/rounds/{id}/close", "POST /v1/rounds/{id}/void", "POST /v1/tasks",
                "POST /v1/tasks/batch", "POST /v1/tasks/{id}/cancel", "PUT /v1/devices/{id}/config",
            ],
            Operations(document).Select(operation => operation.Name).Order(StringComparer.Ordinal));
        Assert.All(Operations(document), operation =>
        {
            Assert.False(string.IsNullOrEmpty((string?)operation.Node["summary"]), operation.Name);
            Assert.False(string.IsNullOrEmpty((string?)operation.Node["operationId"]), operation.Name);
            bool secured = operation.Name == "GET /metrics" || operation.Name.Contains("/v1/", StringComparison.Ordinal);
            Assert.Equal(secured, operation.Node["security"] is JsonArray { Count: 2 });
            Assert.Equal(secured, operation.Node["responses"]!["401"]?["content"]?["application/problem+json"] is not null);
        });
    }

    [Fact]
    public async Task Document_Schemas_AreWhatIsSent()
    {
        JsonNode document = (await _core.GetAsync("/openapi/v1.json")).Json;
        JsonObject schemas = document["components"]!["schemas"]!.AsObject();

        Assert.Equal(
            ["args", "countdown", "eta", "expires", "headers", "id", "ignore_result", "kwargs", "name", "priority", "queue", "retry", "soft_time_limit", "time_limit", "unique_for", "unique_key"],
            schemas["TaskSubmission"]!["properties"]!.AsObject().Select(property => property.Key).Order(StringComparer.Ordinal));
        Assert.Equal(["name"], schemas["TaskSubmission"]!["required"]!.AsArray().Select(name => (string)name!));
        Assert.Contains("oldest_ready_seconds", schemas["QueueView"]!["properties"]!.AsObject().Select(property => property.Key));
        Assert.Equal("number", (string)schemas["TaskSubmission"]!["properties"]!["countdown"]!["type"]!.AsArray()[1]!);
        Assert.Equal(["type", "title", "status", "detail", "instance", "code", "errors"], schemas["ProblemDetails"]!["properties"]!.AsObject().Select(property => property.Key));
        Assert.NotNull(document["paths"]!["/v1/tasks/{id}/events"]!["get"]!["responses"]!["200"]!["content"]!["text/event-stream"]);
        Assert.Equal("http", (string)document["components"]!["securitySchemes"]!["admin_key"]!["type"]!);
        Assert.Equal("X-Api-Key", (string)document["components"]!["securitySchemes"]!["api_key"]!["name"]!);
    }

    [Fact]
    public async Task Document_References_AllLeadSomewhere()
    {
        JsonNode document = (await _core.GetAsync("/openapi/v1.json")).Json;

        List<string> references = [];
        Collect(document, references);

        Assert.NotEmpty(references);
        Assert.All(references, reference =>
        {
            JsonNode? target = document;
            foreach (string step in reference.Split('/').Skip(1))
                target = target?[step];
            Assert.True(target is not null, reference);
        });
    }

    [Fact]
    public async Task Document_Parameters_AreThere()
    {
        JsonNode document = (await _core.GetAsync("/openapi/v1.json")).Json;

        Assert.Equal(
            ["state", "name", "queue", "worker", "root", "since", "until", "cursor", "limit"],
            document["paths"]!["/v1/tasks"]!["get"]!["parameters"]!.AsArray().Select(parameter => (string)parameter!["name"]!));
        Assert.Contains(document["paths"]!["/v1/tasks"]!["post"]!["parameters"]!.AsArray(), parameter => (string)parameter!["name"]! == "Idempotency-Key");
    }

    private static IEnumerable<(string Name, JsonNode Node)> Operations(JsonNode document) =>
        from path in document["paths"]!.AsObject()
        from operation in path.Value!.AsObject()
        select ($"{operation.Key.ToUpperInvariant()} {path.Key}", operation.Value!);

    private static void Collect(JsonNode? node, List<string> references)
    {
        if (node is JsonObject fields)
        {
            foreach ((string name, JsonNode? value) in fields)
            {
                if (name == "$ref" && value is JsonValue)
                    references.Add((string)value!);
                else
                    Collect(value, references);
            }
        }
        else if (node is JsonArray items)
        {
            foreach (JsonNode? item in items)
                Collect(item, references);
        }
    }
}
