using System.Text;
using KgOrleans.Api.Tests.Fakes;
using KgOrleans.Grains.Interfaces;

namespace KgOrleans.Api.Tests;

[Trait("Suite", "Unit")]
public sealed class ExportTests
{
    [Fact]
    public async Task Parts_lead_to_one_another_over_all_shards_and_past_those_that_are_empty()
    {
        await using var host = await ApiHost.StartAsync();
        host.Cluster.Exports = (keeper, from) => (keeper, from) switch
        {
            ("shard 0", null) => Part("a\n", 7),
            ("shard 0", 7ul) => Part("b\n", null),
            ("shard 3", null) => Part("c\n", null),
            _ => Part("", null),
        };
        var lines = new StringBuilder();
        var calls = 0;
        for (var path = "/v1/export/items"; path is not null; calls++)
        {
            var reply = await host.SendAsync("GET", path);
            Assert.Equal((200, "application/x-ndjson"), (reply.Status, reply.MediaType));
            lines.Append(reply.Body);
            path = Next(reply);
        }
        Assert.Equal(("a\nb\nc\n", 3), (lines.ToString(), calls));
    }

    [Fact]
    public async Task An_empty_store_is_one_empty_part()
    {
        await using var host = await ApiHost.StartAsync();
        foreach (var sort in (string[])["items", "events"])
        {
            var reply = await host.SendAsync("GET", $"/v1/export/{sort}");
            Assert.Equal((200, "", null), (reply.Status, reply.Body, reply.Link));
        }
    }

    [Fact]
    public async Task A_cursor_is_of_this_service_and_of_one_export_only()
    {
        await using var host = await ApiHost.StartAsync();
        host.Cluster.Exports = (_, _) => Part("x\n", 9);
        var items = Next(await host.SendAsync("GET", "/v1/export/items"))!;
        var cursor = items[(items.IndexOf('=') + 1)..];
        Assert.Equal(200, (await host.SendAsync("GET", items)).Status);
        foreach (var wrong in (string[])["", "abc", cursor[..^1], cursor + "A", "%00", new('A', 4_000), (cursor[0] == 'A' ? 'B' : 'A') + cursor[1..]])
            (await host.SendAsync("GET", $"/v1/export/items?cursor={wrong}")).AssertProblem(400, "cursor");
        (await host.SendAsync("GET", $"/v1/export/events?cursor={cursor}")).AssertProblem(400, "cursor");
        await using var other = await ApiHost.StartAsync();
        (await other.SendAsync("GET", items)).AssertProblem(400, "cursor");
    }

    [Fact]
    public async Task A_place_that_is_gone_is_the_callers_to_mend_and_a_silent_keeper_is_not()
    {
        await using var host = await ApiHost.StartAsync();
        host.Cluster.Failures["partition 0"] = new ArgumentOutOfRangeException("fromPosition");
        host.Cluster.Failures["shard 0"] = new TimeoutException();
        (await host.SendAsync("GET", "/v1/export/events")).AssertProblem(400, "cursor");
        (await host.SendAsync("GET", "/v1/export/items")).AssertProblem(503);
        host.Cluster.Failures.Clear();
        host.Cluster.Failures["warming 0"] = new TimeoutException();
        var reply = await host.SendAsync("GET", "/v1/export/items");
        reply.AssertProblem(503);
        Assert.NotNull(reply.RetryAfter);
    }

    private static ExportReply Part(string lines, ulong? next) => new(Encoding.UTF8.GetBytes(lines), next, false);

    private static string? Next(Reply reply) => reply.Link is { } link ? link[1..link.IndexOf('>')] : null;
}
