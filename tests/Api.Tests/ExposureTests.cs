using System.Collections.Concurrent;
using KgOrleans.Api.Tests.Fakes;
using KgOrleans.Grains.Interfaces;
using KgOrleans.Ranking.Recall;

namespace KgOrleans.Api.Tests;

[Trait("Suite", "Unit")]
public sealed class ExposureTests
{
    [Fact]
    public async Task A_work_tells_how_much_exposure_it_is_owed_and_has_had()
    {
        await using var host = await ApiHost.StartAsync();
        host.Cluster.Exposure = (_, query) => new ExposureReply(false, query.ItemId == "w1", 1, 1, 100, 30, 30);
        var answer = (await host.SendAsync("GET", "/v1/items/w1/exposure?scene=feed")).Json;
        Assert.Equal(
            ("w1", "feed", true),
            (answer.GetProperty("itemId").GetString(), answer.GetProperty("scene").GetString(), answer.GetProperty("isOwed").GetBoolean()));
        Assert.Equal((100, 30, 70), (answer.GetProperty("owed").GetInt32(), answer.GetProperty("delivered").GetInt32(), answer.GetProperty("open").GetInt32()));
        (await host.SendAsync("GET", "/v1/items/w2/exposure")).AssertProblem(404);
        (await host.SendAsync("GET", "/v1/items/w1/exposure?scene=nowhere")).AssertProblem(404);
        (await host.SendAsync("GET", "/v1/items/bad%20id/exposure")).AssertProblem(400);
    }

    [Fact]
    public async Task A_shard_that_does_not_answer_for_a_work_is_said_so()
    {
        await using var host = await ApiHost.StartAsync();
        for (var shard = 0; shard < 4; shard++)
            host.Cluster.Failures[$"shard {shard}"] = new TimeoutException();
        (await host.SendAsync("GET", "/v1/items/w1/exposure")).AssertProblem(503);
    }

    [Fact]
    public async Task A_scene_tells_its_exposure_and_an_unknown_one_is_refused()
    {
        await using var host = await ApiHost.StartAsync();
        var answer = (await host.SendAsync("GET", "/v1/scenes/feed/exposure")).Json;
        Assert.Equal("feed", answer.GetProperty("scene").GetString());
        Assert.Equal(answer.GetProperty("owed").GetInt64() - answer.GetProperty("delivered").GetInt64(), answer.GetProperty("open").GetInt64());
        (await host.SendAsync("GET", "/v1/scenes/nowhere/exposure")).AssertProblem(404);
    }

    [Fact]
    public async Task Exposure_is_told_of_stored_scenes_as_they_are_now()
    {
        await using var host = await ApiHost.StartAsync();
        var asked = new ConcurrentQueue<ExposureQuery>();
        host.Cluster.Exposure = (_, query) =>
        {
            asked.Enqueue(query);
            return new ExposureReply(false, true, 1, 1, 7, 0, 0);
        };
        (await host.SendAsync("GET", "/v1/scenes/kids/exposure")).AssertProblem(404);
        Assert.Equal(
            201, (await host.SendAsync("PUT", "/v1/scenes/kids", """{"discovery":{"kinds":["video"],"coldStart":{"impressions":7,"days":3}}}""")).Status);
        Assert.Equal(7, (await host.SendAsync("GET", "/v1/scenes/kids/exposure")).Json.GetProperty("coldStart").GetProperty("impressions").GetInt32());
        Assert.Equal(7, (await host.SendAsync("GET", "/v1/items/w1/exposure?scene=kids")).Json.GetProperty("open").GetInt32());
        Assert.All(asked.Select(q => RecallScene.Parse(q.Scene)), scene =>
        {
            Assert.Equal((7, 3), (scene.Discovery.ColdStart!.Impressions, scene.Discovery.ColdStart.Days));
            Assert.NotNull(scene.Admission);
        });

        Assert.Equal(200, (await host.SendAsync("PUT", "/v1/scenes/kids", "{}")).Status);
        Assert.False((await host.SendAsync("GET", "/v1/scenes/kids/exposure")).Json.TryGetProperty("coldStart", out _));
        host.Cluster.Failures["scenes"] = new TimeoutException();
        (await host.SendAsync("GET", "/v1/scenes/kids/exposure")).AssertProblem(503);
    }
}
