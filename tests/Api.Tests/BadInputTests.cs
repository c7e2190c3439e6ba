using System.Text;
using KgOrleans.Api.Tests.Fakes;
using KgOrleans.Ranking.Keys;

namespace KgOrleans.Api.Tests;

[Trait("Suite", "Unit")]
public sealed class BadInputTests(SharedApiHost shared) : IClassFixture<SharedApiHost>
{
    private const string Item = """{"itemId":"i1","creatorId":"c1","kind":"audio"}""";

    private static string Long => new('x', 5_000);

    public static TheoryData<string, string, string, string?, int, string> Bodies()
    {
        var rows = new TheoryData<string, string, string, string?, int, string>();
        void Recommend(string name, string? body, string field, int status = 400) => rows.Add(name, "POST", "/v1/recommend", body, status, field);
        void Page(string name, string members, string field) => Recommend(name, $$"""{"userId":"u1","scene":"feed",{{members}}}""", field);
        void Event(string name, string members, string field) => rows.Add(name, "POST", "/v1/events", $$"""{"events":[{{{members}}}]}""", 400, field);
        void PutItem(string name, string members, string field) =>
            rows.Add(name, "PUT", "/v1/items/i1", $$"""{"itemId":"i1","creatorId":"c1","kind":"audio",{{members}}}""", 400, field);

        Page("page size 0", "\"pageSize\":0", "pageSize");
        Page("page size 1000", "\"pageSize\":1000", "pageSize");
        Page("page size NaN", "\"pageSize\":NaN", "pageSize");
        Page("page size as text", "\"pageSize\":\"10\"", "pageSize");
        Page("page size with a fraction", "\"pageSize\":1.5", "pageSize");
        Page("unknown member", "\"pagesize\":10", "pagesize");
        Page("time-out too short", "\"timeoutMs\":9", "timeoutMs");
        Page("time-out too long", "\"timeoutMs\":30001", "timeoutMs");
        Page("seed outside of a dry run", "\"seed\":1", "seed");
        Page("now outside of a dry run", "\"now\":\"2026-01-01T00:00:00Z\"", "now");
        Page("now in year 1", "\"dryRun\":true,\"now\":\"0001-01-01T00:00:00Z\"", "now");
        Page("an id of 5,000 characters in exclude", $"\"exclude\":[\"i1\",\"{Long}\"]", "exclude[1]");
        Page("1,001 ids in exclude", $"\"exclude\":[{string.Join(',', Enumerable.Repeat("\"i1\"", 1_001))}]", "exclude");
        Page("context that is a list", "\"context\":[1]", "context");
        Page("context with a nested object", "\"context\":{\"a\":{}}", "context.a");
        Page("context with an infinite hour", "\"context\":{\"hour\":1e999}", "context.hour");
        Page("context with an hour of 25", "\"context\":{\"hour\":25}", "context.hour");
        Page("context with a member named twice", "\"context\":{\"hour\":2,\"hour\":3}", "context.hour");
        Page("context with a city of 5,000 characters", $"\"context\":{{\"city\":\"{Long}\"}}", "context.city");
        Page("context with an infinite number", "\"context\":{\"a\":1e999}", "context.a");
        Page("context of 17 members", $"\"context\":{{{string.Join(',', Enumerable.Range(0, 17).Select(i => $"\"a{i}\":1"))}}}", "context.a0");
        Page("context with half a character", "\"context\":{\"city\":\"\\ud800\"}", "context.city");
        Page("context with a city as number", "\"context\":{\"city\":440100}", "context.city");
        Page("context with a song as number", "\"context\":{\"songId\":17}", "context.songId");
        Page("context with a device as number", "\"context\":{\"device\":2}", "context.device");
        Page("context with an hour as text", "\"context\":{\"hour\":\"7\"}", "context.hour");
        Page("a label as number", "\"labels\":{\"a\":1}", "labels.a");
        Page("labels of 17 members", $"\"labels\":{{{string.Join(',', Enumerable.Range(0, 17).Select(i => $"\"a{i}\":\"x\""))}}}", "labels");
        Page("a long label", $"\"labels\":{{\"a\":\"{Long}\"}}", "labels.a");
        Page("a label that is null", "\"labels\":{\"a\":null}", "labels.a");
        Page("filter on an unknown field", "\"filter\":{\"all\":[{\"field\":\"nope\",\"eq\":1}]}", "filter.all[0].field");
        Page("filter on an unknown kind", "\"filter\":{\"any\":[{\"field\":\"kind\",\"in\":[\"mp3\"]}]}", "filter.any[0].in");
        Page("filter that is text", "\"filter\":\"kind=video\"", "filter");
        Page("filter with half a character", "\"filter\":{\"field\":\"tags\",\"eq\":\"\\udfff\"}", "filter");
        Page("a page token that is none", "\"pageToken\":\"AAAA\"", "pageToken");
        Recommend("no user", """{"scene":"feed"}""", "userId");
        Recommend("user null", """{"userId":null,"scene":"feed"}""", "userId");
        Recommend("a user id of 5,000 characters", $$"""{"userId":"{{Long}}","scene":"feed"}""", "userId");
        Recommend("no scene", """{"userId":"u1"}""", "scene");
        Recommend("empty body", "", "$");
        Recommend("no body", null, "Content-Type", 415);
        Recommend("broken JSON", """{"userId":"u1",""", "$");
        Recommend("JSON that breaks inside a member", """{"userId":"u1","exclude":["a",}""", "exclude[1]");
        Recommend("null", "null", "$");
        Recommend("a list", "[]", "$");
        Recommend("JSON nested too deeply", new string('[', 100), "$");
        Recommend("JSON over 1 MB", $$"""{"userId":"{{new string('x', Limits.JsonBody)}}"}""", "$", 413);

        Event("unknown event type", """ "userId":"u1","itemId":"i1","type":"zap" """, "events[0].type");
        Event("event type as number", """ "userId":"u1","itemId":"i1","type":1 """, "events[0].type");
        Event("two event types in one", """ "userId":"u1","itemId":"i1","type":"play, like" """, "events[0].type");
        Event("no event type", """ "userId":"u1","itemId":"i1" """, "events[0].type");
        Event("value out of range", """ "userId":"u1","itemId":"i1","type":"play","value":1.5 """, "events[0].value");
        Event("value NaN", """ "userId":"u1","itemId":"i1","type":"play","value":NaN """, "events[0].value");
        Event("value NaN as text", """ "userId":"u1","itemId":"i1","type":"play","value":"NaN" """, "events[0].value");
        Event("value infinite", """ "userId":"u1","itemId":"i1","type":"play","value":1e999 """, "events[0].value");
        Event("value where none belongs", """ "userId":"u1","itemId":"i1","type":"like","value":1 """, "events[0].value");
        Event("event in year 1", """ "userId":"u1","itemId":"i1","type":"like","timestamp":"0001-01-01T00:00:00Z" """, "events[0].timestamp");
        Event("event in the far future", """ "userId":"u1","itemId":"i1","type":"like","timestamp":"2036-01-01T00:00:00Z" """, "events[0].timestamp");
        Event("event without a time zone that is no time", """ "userId":"u1","itemId":"i1","type":"like","timestamp":"yesterday" """, "events[0].timestamp");
        Event("an item id of 5,000 characters", $$""" "userId":"u1","itemId":"{{Long}}","type":"like" """, "events[0].itemId");
        Event("unknown member of an event", """ "userId":"u1","itemId":"i1","type":"like","weight":1 """, "events[0].weight");
        rows.Add("no events", "POST", "/v1/events", """{"events":[]}""", 400, "events");
        rows.Add("events missing", "POST", "/v1/events", "{}", 400, "events");
        rows.Add("events null", "POST", "/v1/events", """{"events":null}""", 400, "events");
        rows.Add("an event that is null", "POST", "/v1/events", """{"events":[null]}""", 400, "events[0]");
        rows.Add("unknown member beside events", "POST", "/v1/events", """{"events":[],"x":1}""", 400, "x");
        rows.Add("too many events", "POST", "/v1/events", $$"""{"events":[{{string.Join(',', Enumerable.Repeat("1", 10_001))}}]}""", 400, "events");
        rows.Add("events that are a list", "POST", "/v1/events", "[]", 400, "$");
        rows.Add("events empty body", "POST", "/v1/events", "", 400, "$");

        PutItem("item in year 1", "\"publishedAt\":\"0001-01-01T00:00:00Z\"", "publishedAt");
        PutItem("item that expires before it is published", "\"publishedAt\":\"2026-01-02T00:00:00Z\",\"expiresAt\":\"2026-01-01T00:00:00Z\"", "expiresAt");
        PutItem("quality out of range", "\"quality\":1.1", "quality");
        PutItem("quality NaN", "\"quality\":NaN", "quality");
        PutItem("feature infinite", "\"features\":{\"a.b\":1e999}", "features.a.b");
        PutItem("feature as text", "\"features\":{\"a.b\":\"1\"}", "features.a.b");
        PutItem("vector component as text", "\"vectors\":{\"content\":[1,\"x\",3]}", "vectors.content[1]");
        PutItem("vector component infinite", "\"vectors\":{\"content\":[1,2,1e39]}", "vectors.content[2]");
        PutItem("vector of the wrong length", "\"vectors\":{\"content\":[1]}", "vectors.content");
        PutItem("tag that is null", "\"tags\":[\"a\",null]", "tags[1]");
        PutItem("another id than the path's", "\"itemId\":\"i2\"", "itemId");
        PutItem("title with half a character", "\"title\":\"\\ud800\"", "title");
        rows.Add("item without creator", "PUT", "/v1/items/i1", """{"itemId":"i1","kind":"audio"}""", 400, "creatorId");
        rows.Add("item without kind", "PUT", "/v1/items/i1", """{"itemId":"i1","creatorId":"c1"}""", 400, "kind");
        rows.Add("item of two kinds", "PUT", "/v1/items/i1", """{"itemId":"i1","creatorId":"c1","kind":"audio, video"}""", 400, "kind");
        rows.Add("item id of 5,000 characters", "PUT", $"/v1/items/{Long}", Item, 400, "itemId");
        rows.Add("item id with a slash", "GET", "/v1/items/a%2Fb", null, 400, "itemId");
        rows.Add("patch of a wrong type", "PATCH", "/v1/items/known", """{"quality":"high"}""", 400, "quality");
        rows.Add("patch of an unknown member", "PATCH", "/v1/items/known", """{"colour":null}""", 400, "colour");
        rows.Add("patch that removes the kind", "PATCH", "/v1/items/known", """{"kind":null}""", 400, "kind");
        rows.Add("patch that renames", "PATCH", "/v1/items/known", """{"itemId":"other"}""", 400, "itemId");
        rows.Add("patch that is a list", "PATCH", "/v1/items/known", "[1]", 400, "$");
        rows.Add("items that are no list", "POST", "/v1/items", Item, 400, "$");
        rows.Add("items of an empty list", "POST", "/v1/items", "[]", 400, "$");
        rows.Add(
            "items, all bad", "POST", "/v1/items", $$"""[{"itemId":"{{Long}}","creatorId":"c","kind":"audio"},{"itemId":"b","creatorId":"c","kind":"x"}]""",
            400, "[1].kind");
        rows.Add("items over 7 MB", "POST", "/v1/items", $"[{string.Join(',', Enumerable.Repeat(Item, 180_000))}]", 413, "$");
        rows.Add("profile with a bad interest", "PUT", "/v1/users/u1", """{"interests":{"tags":{"a":1e9}}}""", 400, "interests.tags.a");
        rows.Add("profile of another user", "PUT", "/v1/users/u1", """{"userId":"u2"}""", 400, "userId");
        rows.Add("user id of 5,000 characters", "GET", $"/v1/users/{Long}", null, 400, "userId");
        rows.Add("users, all bad", "POST", "/v1/users", """[{"userId":""}]""", 400, "[0].userId");
        rows.Add("unknown scene", "GET", "/v1/scenes/nope", null, 404, "scene");
        void PutScene(string name, string body, string field, int status = 400) => rows.Add(name, "PUT", "/v1/scenes/feed", body, status, field);
        PutScene("unknown member of a scene", """{"recal":{}}""", "recal");
        PutScene("unknown member deep in a scene", """{"reRank":{"rules":[{"field":"songId","max":1,"in":2,"x":1}]}}""", "reRank.rules[0].x");
        PutScene("negative quota", """{"recall":{"hot":{"quota":-1}}}""", "recall.hot.quota");
        PutScene("quota with a fraction", """{"recall":{"hot":{"quota":1.5}}}""", "recall.hot.quota");
        PutScene("theta of 1", """{"reRank":{"theta":1}}""", "reRank.theta");
        PutScene("theta NaN", """{"reRank":{"theta":NaN}}""", "reRank.theta");
        PutScene("theta infinite", """{"reRank":{"theta":1e999}}""", "reRank.theta");
        PutScene("scene filter on an unknown field", """{"traffic":[{"filter":{"field":"nope","eq":1},"weight":1}]}""", "traffic[0].filter.field");
        PutScene("scene filter with half a character", """{"discovery":{"filter":{"field":"tags","eq":"\ud800"}}}""", "discovery.filter");
        PutScene("two kinds in one", """{"discovery":{"kinds":["audio, video"]}}""", "discovery.kinds[0]");
        PutScene("method as number", """{"reRank":{"diversity":1}}""", "reRank.diversity");
        PutScene("two methods in one", """{"reRank":{"diversity":"dpp, mmr"}}""", "reRank.diversity");
        PutScene("pin of a dead item", """{"reRank":{"pins":[{"itemId":"dead","position":0}]}}""", "reRank.pins[0].itemId");
        PutScene("pin with a forged id", """{"reRank":{"pins":[{"itemId":"../x","position":0}]}}""", "reRank.pins[0].itemId");
        PutScene("pin without its position", """{"reRank":{"pins":[{"itemId":"known"}]}}""", "reRank.pins[0].position");
        PutScene("fallback to the towers", """{"preRank":{"fallback":"towers"}}""", "preRank.fallback");
        PutScene("member named twice", """{"deadlineMs":100,"deadlineMs":200}""", "deadlineMs");
        PutScene("rule without its window", """{"reRank":{"rules":[{"field":"songId","max":1}]}}""", "reRank.rules[0].in");
        PutScene("part that is null", """{"recall":null}""", "recall");
        PutScene("entry that is null", """{"traffic":[null]}""", "traffic[0]");
        PutScene("scene under another name", """{"scene":"live"}""", "scene");
        PutScene("scene that is a list", "[]", "$");
        PutScene("scene that is null", "null", "$");
        PutScene("scene of broken JSON", """{"recall":{"hot":}}""", "recall.hot");
        PutScene("scene of an empty body", "", "$");
        PutScene("scene over 1 MB", $$"""{"description":"{{new string('x', Limits.JsonBody)}}"}""", "$", 413);
        rows.Add("scene with a forged name", "PUT", "/v1/scenes/a%2Fb", "{}", 400, "scene");
        rows.Add("scene of a reserved name", "PUT", "/v1/scenes/schema", "{}", 400, "scene");
        rows.Add("scene name of 5,000 characters", "GET", $"/v1/scenes/{Long}", null, 400, "scene");
        rows.Add("version that is no number", "GET", "/v1/scenes/feed/versions/new", null, 400, "version");
        rows.Add("version 0", "GET", "/v1/scenes/feed/versions/0", null, 400, "version");
        rows.Add("version that does not exist", "GET", "/v1/scenes/feed/versions/7", null, 404, "version");
        rows.Add("restore of a version that is no number", "POST", "/v1/scenes/feed/versions/-1/restore", null, 400, "version");
        rows.Add("built-in scene deleted", "DELETE", "/v1/scenes/feed", null, 409, "scene");
        return rows;
    }

    [Theory]
    [MemberData(nameof(Bodies))]
    public async Task Bad_input_is_a_problem_that_names_the_field_and_changes_nothing(
        string name, string method, string path, string? body, int status, string field)
    {
        var host = shared.Host;
        host.Cluster.Items["known"] = (Encoding.UTF8.GetBytes(Item), 1);
        var before = host.Cluster.State();

        var reply = await host.SendAsync(method, path, body);

        reply.AssertProblem(status, field);
        Assert.True(before == host.Cluster.State(), $"{name} changed state");
    }

    [Theory]
    [InlineData("PUT", "/v1/items/i1", """{"kind":"mp3","quality":"high","colour":1,"durationSeconds":-1}""", "kind quality colour creatorId durationSeconds")]
    [InlineData("PUT", "/v1/items/i1", """{"itemId":"i2","durationSeconds":-1}""", "kind itemId creatorId durationSeconds")]
    [InlineData("PATCH", "/v1/items/known", """{"kind":null,"quality":"high","colour":null,"itemId":"x"}""", "colour quality kind itemId")]
    [InlineData("PUT", "/v1/users/u1", """{"follows":"c1","friends":["a b"],"interests":{"tags":{"t":"1"}}}""", "follows interests.tags.t friends[0]")]
    [InlineData("POST", "/v1/recommend", """{"userId":5,"pageSize":0,"context":{"city":7,"hour":25}}""", "userId context.city scene pageSize context.hour")]
    [InlineData("POST", "/v1/events", """{"events":[{"userId":"u1","type":"zap","value":"1"}]}""", "events[0].type events[0].value events[0].itemId")]
    [InlineData("POST", "/v1/recommend", """{"userId":5,"scene":"feed","filter":{"field":"kind","field":"tags","eq":"live"}}""", "userId filter")]
    [InlineData("POST", "/v1/users", """[{"userId":"u 1","follows":7}]""", "[0].follows [0].userId")]
    public async Task Every_mistake_of_a_body_is_named_at_once(string method, string path, string body, string fields)
    {
        shared.Host.Cluster.Items["known"] = (Encoding.UTF8.GetBytes(Item), 1);

        var reply = await shared.Host.SendAsync(method, path, body);

        Assert.Equal(400, reply.Status);
        Assert.Equal(fields.Split(' '), reply.Fields);
    }

    [Theory]
    [InlineData("1900-01-01T00:00:00Z", "9999-12-31T23:59:59Z")]
    [InlineData("1985-06-01T00:00:00Z", "1985-06-01T00:00:00Z")]
    public async Task Items_may_be_of_any_age_and_stay_for_ever(string publishedAt, string expiresAt)
    {
        await using var host = await ApiHost.StartAsync();

        var reply = await host.SendAsync(
            "PUT", "/v1/items/i1", $$"""{"creatorId":"c1","kind":"song","publishedAt":"{{publishedAt}}","expiresAt":"{{expiresAt}}"}""");

        Assert.Equal(201, reply.Status);
    }

    [Fact]
    public async Task Bytes_that_are_no_UTF_8_are_a_problem_that_names_the_field()
    {
        var host = shared.Host;
        byte[] body = [.. """{"itemId":"i1","creatorId":"c1","kind":"audio","title":" """u8, 0xff, .. "\"}"u8];

        (await host.SendAsync("PUT", "/v1/items/i1", body, "application/json")).AssertProblem(400, "title");

        Assert.Empty(host.Cluster.Writes);
    }

    [Theory]
    [InlineData("GET", "/nope", 404)]
    [InlineData("GET", "/v1/nope", 404)]
    [InlineData("GET", "/v1/recommend", 405)]
    [InlineData("DELETE", "/v1/events", 405)]
    public async Task Unknown_routes_and_methods_are_problems(string method, string path, int status)
    {
        var host = shared.Host;

        (await host.SendAsync(method, path, headers: ("Accept", "text/html"))).AssertProblem(status);
    }

    [Theory]
    [InlineData("text/plain")]
    [InlineData("application/json; charset=utf-16")]
    [InlineData(null)]
    public async Task Bodies_of_other_media_types_are_refused(string? mediaType)
    {
        var host = shared.Host;

        (await host.SendAsync("POST", "/v1/recommend", """{"userId":"u1","scene":"feed"}""", mediaType)).AssertProblem(415, "Content-Type");
    }

    [Fact]
    public async Task A_chunked_body_over_1_MB_is_refused_too()
    {
        var host = shared.Host;
        using var content = new StreamContent(new MemoryStream(new byte[Limits.JsonBody + 1]));
        content.Headers.ContentType = new("application/json");
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/events") { Content = content };
        request.Headers.TransferEncodingChunked = true;

        using var response = await host.Http.SendAsync(request);

        Assert.Equal(System.Net.HttpStatusCode.RequestEntityTooLarge, response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
    }

    [Fact]
    public async Task A_defect_is_a_500_that_tells_nothing_of_its_inside()
    {
        await using var host = await ApiHost.StartAsync();
        host.Cluster.Failures["coordinator"] = new InvalidOperationException("secret inside");

        var reply = await host.SendAsync("POST", "/v1/recommend", """{"userId":"u1","scene":"feed"}""");

        reply.AssertProblem(500);
        Assert.DoesNotContain("secret", reply.Body);
    }
}
