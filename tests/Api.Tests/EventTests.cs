using System.Text.Json;
using KgOrleans.Api.Demo;
using KgOrleans.Api.Json;
using KgOrleans.Api.Tests.Fakes;
using KgOrleans.Ranking.Events;
using KgOrleans.Ranking.Keys;

namespace KgOrleans.Api.Tests;

[Trait("Suite", "Unit")]
public sealed class EventTests
{
    [Fact]
    public async Task A_seeding_that_goes_on_another_day_begins_at_the_time_of_the_first()
    {
        await using var host = await ApiHost.StartAsync();
        using var data = Storage.DataDirectory.Open(Path.Combine(host.DataPath, "seeded"));
        var first = Demo.DemoStart.Of(data, host.Time);
        host.Time.Advance(TimeSpan.FromHours(30));

        Assert.Equal(host.Time.GetUtcNow() - TimeSpan.FromHours(30), first);
        Assert.Equal(first, Demo.DemoStart.Of(data, host.Time));
    }

    [Fact]
    public async Task A_bad_event_is_rejected_alone()
    {
        await using var host = await ApiHost.StartAsync();

        var reply = await host.SendAsync("POST", "/v1/events", """
            {"events":[{"userId":"u1","itemId":"i1","type":"like"},{"userId":"u1","itemId":"i1","type":"zap"},{"userId":"u1","itemId":"unknown","type":"like"},
                       {"userId":"u2","itemId":"i2","type":"play","value":2},{"userId":"u2","itemId":"i2","type":"play","value":0.5}]}
            """);

        Assert.Equal(200, reply.Status);
        Assert.Equal(2, reply.Json.GetProperty("accepted").GetInt32());
        var rejected = reply.Json.GetProperty("rejected").EnumerateArray().ToArray();
        Assert.Equal([1, 2, 3], rejected.Select(r => r.GetProperty("index").GetInt32()));
        Assert.Equal(["unknownValue", "unknownItem", "outOfRange"], rejected.Select(r => r.GetProperty("code").GetString()));
        Assert.StartsWith("type: ", rejected[0].GetProperty("message").GetString());
        Assert.StartsWith("value: ", rejected[2].GetProperty("message").GetString());
        Assert.All(rejected, r => Assert.False(r.GetProperty("retryable").GetBoolean()));
        Assert.Equal(2, host.Cluster.Events.Count);
    }

    [Fact]
    public async Task Lines_are_recorded_in_order_and_refused_alone_by_their_number()
    {
        await using var host = await ApiHost.StartAsync();
        var body = string.Join('\n', """{"userId":"u1","itemId":"i1","type":"like"}""", "", """{"userId":"u1","itemId":"i1","type":"zap"}""", "{broken",
            $$"""{"userId":"{{new string('x', Limits.DocumentBytes)}}"}""", """{"userId":"u1","itemId":"unknown","type":"like"}""",
            """{"userId":"u2","itemId":"i2","type":"play","value":0.5}""");

        var reply = await host.SendAsync("POST", "/v1/events", body, MediaTypes.Ndjson);

        Assert.Equal(200, reply.Status);
        Assert.Equal((2, 4), (reply.Json.GetProperty("accepted").GetInt32(), reply.Json.GetProperty("rejectedCount").GetInt32()));
        Assert.Equal(
            [(3, "unknownValue"), (4, "invalidJson"), (5, "tooLong"), (6, "unknownItem")],
            reply.Json.GetProperty("rejected").EnumerateArray().Select(r => (r.GetProperty("line").GetInt32(), r.GetProperty("code").GetString()!)));
        Assert.Equal(["u1", "u2"], host.Cluster.Events.Select(e => e.UserId));
        (await host.SendAsync("POST", "/v1/events", "\n\n", MediaTypes.Ndjson)).AssertProblem(400, "$");
    }

    [Fact]
    public async Task A_long_body_of_lines_is_recorded_whole_and_a_users_events_keep_their_order()
    {
        await using var host = await ApiHost.StartAsync();
        var lines = Enumerable.Range(0, 5_000).Select(i => $$"""{"userId":"u{{i % 7}}","itemId":"i1","type":"impression","position":{{i}}}""");

        var body = string.Join('\n', lines) + "\n" + string.Concat(Enumerable.Repeat("x\n", 1_500));

        var reply = await host.SendAsync("POST", "/v1/events", body, MediaTypes.Ndjson);

        Assert.Equal((5_000, 1_500), (reply.Json.GetProperty("accepted").GetInt32(), reply.Json.GetProperty("rejectedCount").GetInt32()));
        Assert.Equal(Enumerable.Range(5_001, 1_000), reply.Json.GetProperty("rejected").EnumerateArray().Select(r => r.GetProperty("line").GetInt32()));
        foreach (var user in host.Cluster.Events.GroupBy(e => e.UserId))
        {
            int[] positions = [.. user.Select(e => JsonElement.Parse(e.Json).GetProperty("position").GetInt32())];
            Assert.Equal(positions.Order(), positions);
        }
    }

    [Fact]
    public async Task Lines_of_users_who_do_not_answer_are_retryable_and_a_body_of_them_alone_is_a_503()
    {
        await using var host = await ApiHost.StartAsync();
        host.Cluster.Failures["u1"] = new TimeoutException();
        const string late = """{"userId":"u1","itemId":"i1","type":"like"}""";

        var reply = await host.SendAsync("POST", "/v1/events", late + "\n" + """{"userId":"u2","itemId":"i1","type":"like"}""", MediaTypes.Ndjson);

        Assert.Equal(1, reply.Json.GetProperty("accepted").GetInt32());
        Assert.True(Assert.Single(reply.Json.GetProperty("rejected").EnumerateArray().ToArray()).GetProperty("retryable").GetBoolean());
        (await host.SendAsync("POST", "/v1/events", late, MediaTypes.Ndjson)).AssertProblem(503);
    }

    [Fact]
    public async Task Events_can_be_taken_back_and_marks_of_the_log_cannot_be_sent()
    {
        await using var host = await ApiHost.StartAsync();

        var reply = await host.SendAsync("POST", "/v1/events", """
            {"events":[{"userId":"u1","itemId":"i1","type":"like"},{"userId":"u1","itemId":"i1","type":"like","undo":true},
                       {"userId":"u1","itemId":"i1","type":"play","undo":true},{"userId":"u1","itemId":"i1","type":"gift","value":2,"undo":true},
                       {"userId":"u1","itemId":"i2","type":"like","repeat":true},{"userId":"u1","itemId":"i3","type":"like","takesBack":[]},
                       {"userId":"u1","itemId":"erased","type":"like"},{"userId":"u1","itemId":"never","type":"like","undo":true}]}
            """);

        Assert.Equal(2, reply.Json.GetProperty("accepted").GetInt32());
        Assert.Equal(
            [(2, "unexpected"), (3, "unexpected"), (4, "unknownMember"), (5, "unknownMember"), (6, "beforeErasure"), (7, "nothingToUndo")],
            reply.Json.GetProperty("rejected").EnumerateArray().Select(r => (r.GetProperty("index").GetInt32(), r.GetProperty("code").GetString()!)));
        Assert.All(reply.Json.GetProperty("rejected").EnumerateArray(), r => Assert.False(r.GetProperty("retryable").GetBoolean()));
        Assert.Contains("\"undo\":true", host.Cluster.Events.Last().Json);

        var unknown = (await host.SendAsync("POST", "/v1/events", """{"events":[{"userId":"u1","itemId":"i1","type":"like","zap":1}]}""")).Body;
        Assert.Contains("eventId, userId, itemId, type, value, timestamp, requestId, scene, position, undo\"", unknown);
        var user = (await host.SendAsync("PUT", "/v1/users/u1", """{"userId":"u1","zap":1}""")).Body;
        Assert.Contains("interests, follows, friends", user);
        Assert.DoesNotContain("worldId, follows", user);

        var schema = (await host.SendAsync("GET", "/openapi/v1.json")).Json.GetProperty("components").GetProperty("schemas").GetProperty("UserEvent");
        var members = schema.GetProperty("properties").EnumerateObject().Select(p => p.Name).ToArray();
        Assert.Contains("undo", members);
        Assert.DoesNotContain("repeat", members);
        Assert.DoesNotContain("takesBack", members);
    }

    [Fact]
    public async Task Events_are_completed_and_keep_the_order_of_their_user()
    {
        await using var host = await ApiHost.StartAsync();
        var events = Enumerable.Range(0, 200).Select(i => $$"""{"userId":"u{{i % 3}}","itemId":"i{{i}}","type":"play"}""");

        await host.SendAsync("POST", "/v1/events", $$"""{"events":[{{string.Join(',', events)}}]}""");

        var recorded = host.Cluster.Events.Select(
            e => (e.UserId, Event: System.Text.Json.JsonSerializer.Deserialize<UserEvent>(e.Json, KgJson.Options)!)).ToArray();
        Assert.Equal(200, recorded.Length);
        foreach (var user in recorded.GroupBy(e => e.UserId))
            Assert.Equal(user.Select(e => int.Parse(e.Event.ItemId[1..])).Order(), user.Select(e => int.Parse(e.Event.ItemId[1..])));
        Assert.All(recorded, e => Assert.Equal((e.UserId, 1d, host.Time.GetUtcNow()), (e.Event.UserId, e.Event.Value!.Value, e.Event.Timestamp!.Value)));
        Assert.All(recorded, e => Assert.StartsWith("h:", e.Event.EventId));
    }

    [Fact]
    public async Task The_same_event_again_is_a_duplicate()
    {
        await using var host = await ApiHost.StartAsync();
        const string body = """{"events":[{"userId":"u1","itemId":"i1","type":"like"}]}""";
        await host.SendAsync("POST", "/v1/events", body);

        var reply = await host.SendAsync("POST", "/v1/events", body);

        Assert.Equal((0, 1), (reply.Json.GetProperty("accepted").GetInt32(), reply.Json.GetProperty("duplicates").GetInt32()));
        Assert.Single(host.Cluster.Events);
    }

    [Fact]
    public async Task Users_that_do_not_answer_hold_back_only_their_own_events()
    {
        await using var host = await ApiHost.StartAsync();
        host.Cluster.Failures["u2"] = new Orleans.Storage.InconsistentStateException("lost a race");

        var reply = await host.SendAsync(
            "POST", "/v1/events", """{"events":[{"userId":"u1","itemId":"i1","type":"like"},{"userId":"u2","itemId":"i1","type":"like"}]}""");

        Assert.Equal(200, reply.Status);
        Assert.Equal(1, reply.Json.GetProperty("accepted").GetInt32());
        var rejected = Assert.Single(reply.Json.GetProperty("rejected").EnumerateArray());
        Assert.Equal(
            (1, "unavailable", true),
            (rejected.GetProperty("index").GetInt32(), rejected.GetProperty("code").GetString(), rejected.GetProperty("retryable").GetBoolean()));
    }

    [Fact]
    public async Task A_call_of_which_nothing_could_be_recorded_is_a_503()
    {
        await using var host = await ApiHost.StartAsync();
        host.Cluster.Failures["u1"] = new TimeoutException();

        var reply = await host.SendAsync(
            "POST", "/v1/events", """{"events":[{"userId":"u1","itemId":"i1","type":"like"},{"userId":"u1","itemId":"i1","type":"zap"}]}""");

        reply.AssertProblem(503);
        Assert.Equal("1", reply.RetryAfter);
    }

    [Fact]
    public void Calls_of_the_demo_keep_every_event_and_fit_the_limits()
    {
        UserEvent[] log = [.. Enumerable.Range(0, 30_000).Select(
            i => new UserEvent { UserId = $"u{i / 100}", ItemId = $"item-{i}", Type = EventType.Impression, Position = i % 10 })];

        var calls = EventCalls.Of(log).ToArray();

        Assert.Equal(log.Length, calls.Sum(c => c.Count));
        Assert.All(calls, c => Assert.InRange(c.Utf8.Length, 1, Limits.JsonBody));
        var events = calls.SelectMany(c => System.Text.Json.JsonDocument.Parse(c.Utf8).RootElement.GetProperty("events").EnumerateArray().Select(
            e => e.GetProperty("itemId").GetString()));
        Assert.Equal(log.Select(e => e.ItemId), events);
        var users = calls.SelectMany(c => System.Text.Json.JsonDocument.Parse(c.Utf8).RootElement.GetProperty("events").EnumerateArray().Select(
            e => e.GetProperty("userId").GetString()).Distinct());
        Assert.Equal(300, users.Count());
    }
}
