using KgOrleans.Api.Tests.Fakes;
using KgOrleans.Grains.Interfaces;
using KgOrleans.Ranking.Serving;

namespace KgOrleans.Api.Tests;

[Trait("Suite", "Unit")]
public sealed class RequestTests
{
    [Fact]
    public async Task A_remembered_request_is_told_with_its_question_its_page_and_its_funnel()
    {
        await using var host = await ApiHost.StartAsync();
        var answer = new RecommendAnswer
        {
            RequestId = "r1",
            SceneVersion = 3,
            Degraded = [new Degradation("recall", "shardTimeout", "shards 3")],
            Items = [new RecommendedItem { ItemId = "w1", Channels = ["hot"], Scores = new ItemScores { FineRank = 0.5, DiversityGain = -1 },
                Features = new() { ["item.quality"] = [0.25f] } }],
            Funnel = new FunnelReport
            {
                Stages = [new StageReport("merge", 9, 5, 0.5, new() { ["creatorCap"] = 4 })],
                Dropped = { ["hidden"] = 2 },
                UserStateVersion = 7
            },
        };
        var command = new RecommendCommand
        {
            UserId = "u1",
            Scene = "feed",
            PageSize = 7,
            Exclude = ["a", "b"],
            PageState = [1],
            Filter = """{"field":"kind","eq":"video"}"""u8.ToArray(),
            Context = new ServingContext { City = "GD", Hour = 7 },
            Labels = new() { ["surface"] = "tv" },
        };
        host.Cluster.Requests["r1"] = RequestRecord.Of(command, answer, host.Time.GetUtcNow());

        var reply = await host.SendAsync("GET", "/v1/requests/r1");

        Assert.Equal(200, reply.Status);
        var json = reply.Json;
        Assert.Equal(("r1", "u1", "feed"), (json.GetProperty("requestId").GetString(), json.GetProperty("userId").GetString(),
            json.GetProperty("scene").GetString()));
        Assert.Equal((7, 2), (json.GetProperty("pageSize").GetInt32(), json.GetProperty("excluded").GetInt32()));
        Assert.True(json.GetProperty("continued").GetBoolean());
        Assert.Equal("video", json.GetProperty("filter").GetProperty("eq").GetString());
        Assert.Equal("""{"city":"GD","hour":7}""", json.GetProperty("context").GetRawText());
        Assert.Equal("""{"surface":"tv"}""", json.GetProperty("labels").GetRawText());
        Assert.Equal(host.Time.GetUtcNow(), json.GetProperty("at").GetDateTimeOffset());
        var page = json.GetProperty("answer");
        Assert.Equal("{}", page.GetProperty("experiments").GetRawText());
        Assert.Equal("shardTimeout", page.GetProperty("degraded")[0].GetProperty("reason").GetString());
        Assert.Equal(4, page.GetProperty("funnel").GetProperty("stages")[0].GetProperty("dropped").GetProperty("creatorCap").GetInt32());
        Assert.Equal(7, page.GetProperty("funnel").GetProperty("userStateVersion").GetInt64());
        Assert.Equal(0.25, page.GetProperty("items")[0].GetProperty("features").GetProperty("item.quality")[0].GetDouble());
        Assert.Equal(-1, page.GetProperty("items")[0].GetProperty("scores").GetProperty("diversityGain").GetDouble());
    }

    [Fact]
    public async Task A_request_that_nobody_remembers_is_a_404_and_an_id_that_is_none_a_400()
    {
        await using var host = await ApiHost.StartAsync();
        (await host.SendAsync("GET", "/v1/requests/r404")).AssertProblem(404, "requestId");
        (await host.SendAsync("GET", "/v1/requests/no%20id")).AssertProblem(400, "requestId");
        host.Cluster.Failures["coordinator"] = new TimeoutException();
        (await host.SendAsync("GET", "/v1/requests/r1")).AssertProblem(503);
    }
}
