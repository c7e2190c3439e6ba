namespace KgOrleans.Api.Tests.Fuzzing;

/// <summary>An endpoint and a request that it accepts, from which broken ones are made.</summary>
/// <param name="Name">Name of the operation.</param>
/// <param name="Method">Method.</param>
/// <param name="Path">Path and query.</param>
/// <param name="MediaType">Type of the body; null without one.</param>
/// <param name="Body">The body; null without one.</param>
internal sealed record FuzzTarget(string Name, string Method, string Path, string? MediaType = null, string? Body = null)
{
    private const string Json = "application/json";
    private const string Ndjson = "application/x-ndjson";
    private const string Item =
        """{"itemId":"i1","creatorId":"c1","songId":"s1","kind":"audio","title":"a","tags":["x","y"],"communityIds":["k"],"region":"GD","language":"yue","tone":"warm","durationSeconds":180,"publishedAt":"2026-01-31T12:00:00Z","quality":0.5,"features":{"tempo":120},"vectors":{"content":[1,2,3]},"hidden":false}""";

    private const string User =
        """{"userId":"u1","region":"GD","language":"yue","interests":{"tags":{"x":2},"songIds":["s1"],"creatorIds":["c1"]},"follows":["c1"],"friends":["u2"],"communityIds":["k"],"blockedCreatorIds":["c9"],"features":{"age":3}}""";

    private const string Event =
        """{"eventId":"e1","userId":"u1","itemId":"i1","type":"play","value":0.5,"timestamp":"2026-01-31T12:00:00Z","requestId":"r1","scene":"feed","position":1}""";

    private const string Page =
        """{"userId":"u1","scene":"feed","pageSize":3,"context":{"hour":3},"filter":{"all":[{"field":"kind","in":["audio"]},{"field":"publishedAt","gte":"2025-01-01T00:00:00Z"}]},"exclude":["i9"],"explain":true,"timeoutMs":5000,"labels":{"a":"b"},"dryRun":true,"seed":1,"now":"2026-06-01T00:00:00Z"}""";

    private const string Scene =
        """{"description":"x","deadlineMs":300,"discovery":{"kinds":["audio"],"ageWindowDays":7,"filter":{"field":"tags","eq":"x"},"coldStart":{"impressions":10}},"recall":{"hot":{"quota":100},"fresh":{"quota":10,"minKeep":5}},"traffic":[{"filter":{"field":"kind","eq":"audio"},"weight":1}],"reRank":{"theta":0.6,"diversity":"dpp","rules":[{"field":"creatorId","max":1,"in":5}],"shares":[{"channel":"fresh","min":1,"in":10}],"pins":[{"itemId":"i1","position":0}]}}""";

    public static readonly FuzzTarget[] All =
    [
        new("recommend", "POST", "/v1/recommend", Json, Page),
        new("getRequest", "GET", "/v1/requests/r1"),
        new("recordEvents", "POST", "/v1/events", Json, $$"""{"events":[{{Event}},{"userId":"u1","itemId":"i1","type":"like"}]}"""),
        new("getItem", "GET", "/v1/items/i1"),
        new("putItem", "PUT", "/v1/items/i1", Json, Item),
        new("patchItem", "PATCH", "/v1/items/i1", "application/merge-patch+json", """{"title":"b","tags":null,"features":{"tempo":null,"b":2},"quality":0.25}"""),
        new("deleteItem", "DELETE", "/v1/items/i2"),
        new("uploadItems", "POST", "/v1/items", Json, $"[{Item},{Item}]"),
        new("uploadItems as lines", "POST", "/v1/items", Ndjson, $"{Item}\n{Item}\n"),
        new("getUser", "GET", "/v1/users/u1"),
        new("putUser", "PUT", "/v1/users/u1", Json, User),
        new("patchUser", "PATCH", "/v1/users/u1", "application/merge-patch+json", """{"region":"SH","interests":{"tags":{"x":null,"y":1}},"follows":null}"""),
        new("eraseUser", "DELETE", "/v1/users/u2"),
        new("uploadUsers", "POST", "/v1/users", Json, $"[{User}]"),
        new("uploadUsers as lines", "POST", "/v1/users", Ndjson, $"{User}\n{User}\n"),
        new("listScenes", "GET", "/v1/scenes"),
        new("getSceneSchema", "GET", "/v1/scenes/schema"),
        new("getScene", "GET", "/v1/scenes/feed"),
        new("putScene", "PUT", "/v1/scenes/live?validateOnly=false", Json, Scene),
        new("deleteScene", "DELETE", "/v1/scenes/kids"),
        new("listSceneVersions", "GET", "/v1/scenes/feed/versions"),
        new("getSceneVersion", "GET", "/v1/scenes/feed/versions/1"),
        new("restoreSceneVersion", "POST", "/v1/scenes/feed/versions/1/restore"),
        new("getSceneExposure", "GET", "/v1/scenes/feed/exposure"),
        new("getItemExposure", "GET", "/v1/items/i1/exposure?scene=feed"),
        new("exportItems", "GET", "/v1/export/items"),
        new("exportEvents", "GET", "/v1/export/events"),
        new("getCluster", "GET", "/v1/cluster"),
        new("live", "GET", "/health/live"),
        new("ready", "GET", "/health/ready"),
        new("metrics", "GET", "/metrics"),
        new("openapi", "GET", "/openapi/v1.json"),
        new("docs", "GET", "/docs/"),
        new("dashboard", "GET", "/dashboard/ClusterStats"),
        new("nothing", "GET", "/nope"),
    ];

    public override string ToString() => Name;
}
