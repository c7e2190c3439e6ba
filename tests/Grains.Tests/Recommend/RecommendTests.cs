using KgOrleans.Grains.Interfaces;
using KgOrleans.Ranking.Events;
using KgOrleans.Ranking.Items;
using KgOrleans.Ranking.Keys;
using KgOrleans.Ranking.Serving;
using KgOrleans.Ranking.Users;

namespace KgOrleans.Grains.Tests.Recommend;

[Trait("Suite", "Cluster")]
public sealed class RecommendTests
{
    [Fact]
    public async Task A_page_has_distinct_items_and_no_neighbours_of_one_creator_or_song()
    {
        await using var node = await TestNode.StartAsync();
        var items = SampleCatalogue.Items(400);
        await node.PutAsync(items);
        await node.PutUserAsync(SampleUsers.Fan("u1", "rock"));
        var page = await node.PageAsync("u1");

        Assert.Equal(10, page.Items.Length);
        Assert.Equal(10, page.Items.Select(i => i.ItemId).Distinct().Count());
        AssertNoNeighbours(page.Items, items);
        Assert.Contains(page.Items, i => i.Reasons.Contains("tag:rock") && i.Channels.Contains("index"));
        Assert.Contains(page.Degraded, d => d is { Stage: "fineRank", Reason: "noModel" });
    }

    [Fact]
    public async Task Pages_never_repeat_and_rules_span_their_border()
    {
        await using var node = await TestNode.StartAsync();
        var items = SampleCatalogue.Items(60);
        await node.PutAsync(items);
        await node.PutUserAsync(SampleUsers.Fan("u1", "folk"));
        var all = new List<RecommendedItem>();
        byte[]? state = null;
        do
        {
            var reply = await node.RecommendAsync("u1", c => c with { PageSize = 7, PageState = state });
            all.AddRange(reply.Answer!.Items);
            state = reply.NextPage;
        }
        while (state is not null);

        Assert.Equal(60, all.Count);
        Assert.Equal(60, all.Select(i => i.ItemId).Distinct().Count());
        Assert.Equal(Enumerable.Range(0, 60), all.Select(i => i.Position));
        // Towards the end of a small catalogue the rules have to give way; well before that they hold.
        AssertNoNeighbours([.. all.Take(35)], items);
    }

    [Fact]
    public async Task An_excluded_item_stays_away_from_the_whole_chain_of_pages()
    {
        await using var node = await TestNode.StartAsync();
        await node.PutAsync(SampleCatalogue.Items(40));
        var all = new List<string>();
        byte[]? state = null;
        // Each page excludes one more item; none of them may come on a page after it.
        for (var page = 0; page == 0 || state is not null; page++)
        {
            string[] exclude = page < 2 ? [$"w{30 + page}", "w9"] : [];
            var reply = await node.RecommendAsync("u1", c => c with { PageSize = 10, PageState = state, Exclude = exclude });
            var shown = reply.Answer!.Items.Select(i => i.ItemId).ToArray();
            Assert.DoesNotContain("w9", shown);
            Assert.DoesNotContain("w30", shown);
            Assert.True(page == 0 || !shown.Contains("w31"));
            all.AddRange(shown);
            state = reply.NextPage;
        }
        Assert.InRange(all.Count, 37, 38);
    }

    [Fact]
    public async Task A_chain_that_excludes_more_than_a_request_may_is_refused()
    {
        await using var node = await TestNode.StartAsync();
        await node.PutAsync(SampleCatalogue.Items(40));
        var first = await node.RecommendAsync("u1", c => c with { Exclude = [.. Enumerable.Range(0, Limits.Exclude).Select(i => $"x{i}")] });

        var again = await node.RecommendAsync("u1", c => c with { PageState = first.NextPage, Exclude = ["x7"] });
        var more = await node.RecommendAsync("u1", c => c with { PageState = first.NextPage, Exclude = ["y"] });

        Assert.Equal(RecommendStatus.Ok, again.Status);
        Assert.Equal(RecommendStatus.Invalid, more.Status);
        Assert.Equal(("exclude", "tooMany"), (Assert.Single(more.Errors).Field, more.Errors[0].Code));
    }

    [Fact]
    public async Task A_page_token_that_is_late_broken_or_of_another_user_or_scene_is_refused()
    {
        await using var node = await TestNode.StartAsync();
        await node.PutAsync(SampleCatalogue.Items(60));
        var first = await node.RecommendAsync("u1");
        Assert.Equal(RecommendStatus.InvalidPage, (await node.RecommendAsync("u2", c => c with { PageState = first.NextPage })).Status);
        Assert.Equal(RecommendStatus.InvalidPage, (await node.RecommendAsync("u1", c => c with { PageState = [1, 2, 3] })).Status);
        Assert.True(PageState.TryDecode(first.NextPage, out var page));
        var elsewhere = (page! with { SceneKey = Key64.Of("elsewhere") }).Encode();
        Assert.Equal(RecommendStatus.InvalidPage, (await node.RecommendAsync("u1", c => c with { PageState = elsewhere })).Status);
        Assert.Equal(RecommendStatus.UnknownScene, (await node.RecommendAsync("u1", c => c with { Scene = "nowhere" })).Status);
        var late = DateTimeOffset.UtcNow.AddMinutes(31).ToUnixTimeMilliseconds();
        Assert.Equal(RecommendStatus.InvalidPage, (await node.RecommendAsync("u1", c => c with { PageState = first.NextPage, Now = late })).Status);
        var ahead = await node.RecommendAsync("u1", c => c with { Now = late });
        Assert.Equal(RecommendStatus.InvalidPage, (await node.RecommendAsync("u1", c => c with { PageState = ahead.NextPage })).Status);
    }

    [Fact]
    public async Task Items_that_are_alike_do_not_fill_a_page_that_could_be_diverse()
    {
        await using var node = await TestNode.StartAsync();
        static float[] Axis(int axis) => [.. Enumerable.Range(0, 32).Select(d => d == axis ? 1f : 0f)];
        // By popularity alone every place would go to the alike ones: their quality is above all others.
        await node.PutAsync([.. Enumerable.Range(0, 60).Select(i => new ItemDocument
        {
            ItemId = i < 30 ? $"same{i}" : $"other{i}",
            CreatorId = $"c{i}",
            Tags = ["pop"],
            Quality = 1 - (i * 0.01),
            Vectors = new Dictionary<string, float[]> { ["content"] = Axis(i < 30 ? 0 : 1 + (i % 20)) },
        })]);
        var page = await node.PageAsync("u1");
        Assert.True(page.Items.Count(i => i.ItemId.StartsWith("other", StringComparison.Ordinal)) >= 5, string.Join(' ', page.Items.Select(i => i.ItemId)));
        Assert.NotNull(page.Items[1].Scores.DiversityGain);
    }

    [Fact]
    public async Task A_seen_item_never_returns_also_after_a_restart()
    {
        var data = TestNode.NewData();
        try
        {
            string seen;
            await using (var node = await TestNode.StartAsync(data))
            {
                await node.PutAsync(SampleCatalogue.Items(40));
                seen = (await node.PageAsync("u1")).Items[0].ItemId;
                Assert.Equal([EventStatus.Accepted], await node.RecordAsync(new UserEvent { UserId = "u1", ItemId = seen, Type = EventType.Impression }));
                Assert.DoesNotContain((await node.PageAsync("u1", c => c with { PageSize = 100 })).Items, i => i.ItemId == seen);
            }
            await using (var node = await TestNode.StartAsync(data))
            {
                await node.WarmAsync();
                var page = await node.PageAsync("u1", c => c with { PageSize = 100 });
                Assert.Equal(39, page.Items.Length);
                Assert.DoesNotContain(page.Items, i => i.ItemId == seen);
            }
        }
        finally
        {
            Directory.Delete(data, recursive: true);
        }
    }

    [Fact]
    public async Task Hidden_deleted_expired_blocked_own_and_excluded_items_do_not_appear_from_the_acknowledgement_on()
    {
        await using var node = await TestNode.StartAsync();
        var items = SampleCatalogue.Items(50);
        await node.PutAsync(items);
        await node.PutUserAsync(new UserDocument { UserId = "c3", BlockedCreatorIds = ["c4"] });
        await node.WriteAsync(WriteOperation.Patch, "w0", """{"hidden":true}""");
        await node.WriteAsync(WriteOperation.Delete, "w1");
        await node.WriteAsync(WriteOperation.Patch, "w2", """{"expiresAt":"2020-01-01T00:00:00Z"}""");
        await node.WriteAsync(WriteOperation.Patch, "w3", """{"publishedAt":"2021-01-01T00:00:00Z"}""");
        await node.WriteAsync(WriteOperation.Patch, "w4", """{"worldId":"elsewhere"}""");
        var page = await node.PageAsync("c3", c => c with { PageSize = 100, Exclude = ["w5"] });

        var expected = items.Where(i => i.ItemId is not ("w0" or "w1" or "w2" or "w3" or "w5") && i.CreatorId is not ("c3" or "c4")).Select(i => i.ItemId);
        Assert.Equal(expected.Order(), page.Items.Select(i => i.ItemId).Order());
    }

    [Fact]
    public async Task Five_plays_on_one_tag_raise_its_standing()
    {
        await using var node = await TestNode.StartAsync();
        var items = SampleCatalogue.Items(300);
        await node.PutAsync(items);
        var others = items.Where(i => i.Tags[0] != "rap").Take(2).ToArray();
        await node.RecordAsync([.. others.Select(i => new UserEvent { UserId = "u1", ItemId = i.ItemId, Type = EventType.Play, Value = 0.6 })]);
        var before = await node.PageAsync("u1", c => c with { PageSize = 100 });
        var played = items.Where(i => i.Tags[0] == "rap").Take(5).ToArray();
        var accepted = await node.RecordAsync([.. played.Select(i => new UserEvent { UserId = "u1", ItemId = i.ItemId, Type = EventType.Play, Value = 1 })]);
        Assert.All(accepted, s => Assert.Equal(EventStatus.Accepted, s));
        var after = await node.PageAsync("u1", c => c with { PageSize = 100 });

        var tagOf = items.ToDictionary(i => i.ItemId, i => i.Tags[0]);
        double Mean(RecommendAnswer answer) =>
            answer.Items.Where(i => tagOf[i.ItemId] == "rap").Select(i => i.Scores.Recall.GetValueOrDefault("index")).DefaultIfEmpty(0).Average();
        Assert.True(Mean(after) > Mean(before), $"{Mean(after)} is not above {Mean(before)}");
        Assert.Contains(after.Items.Take(3), i => i.Reasons.Contains("tag:rap"));
    }

    [Fact]
    public async Task An_unknown_user_gets_a_cold_start_page_that_says_so()
    {
        await using var node = await TestNode.StartAsync();
        await node.PutAsync(SampleCatalogue.Items(50));
        var page = await node.PageAsync("nobody");
        Assert.Equal(10, page.Items.Length);
        Assert.All(page.Items, i => Assert.Contains("coldStart", i.Reasons));
    }

    [Theory]
    [InlineData(1, false)]
    [InlineData(16, false)]
    [InlineData(1, true)]
    [InlineData(16, true)]
    public async Task The_answer_does_not_depend_on_the_number_of_shards(int shards, bool model)
    {
        var items = SampleCatalogue.Items(500);
        var now = DateTimeOffset.UtcNow;
        async Task<string> AnswerAsync(int count)
        {
            await using var node = await TestNode.StartAsync(shards: count, settings: model ? TestNode.WithModel() : null);
            await node.PutAsync(items);
            await node.PutUserAsync(SampleUsers.Fan("u1", "duet"));
            await node.RecordAsync([.. items.Take(5).Select(i =>
                new UserEvent { UserId = "u1", ItemId = i.ItemId, Type = EventType.Play, Value = 0.9, Timestamp = now.AddMinutes(-5) })]);
            await node.CountedAsync(5);
            var page = await node.PageAsync("u1", c => c with { PageSize = 50, Now = now.ToUnixTimeMilliseconds() });
            Assert.Equal(model, page.Items.All(i => i.Scores.FineRank is not null));
            return System.Text.Json.JsonSerializer.Serialize(page.Items);
        }
        Assert.Equal(await AnswerAsync(8), await AnswerAsync(shards));
    }

    [Fact]
    public async Task The_same_dry_run_twice_gives_the_same_answer()
    {
        await using var node = await TestNode.StartAsync();
        await node.PutAsync(SampleCatalogue.Items(300));
        await node.PutUserAsync(SampleUsers.Fan("u1", "ballad"));
        var now = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
        var first = await node.PageAsync("u1", c => c with { Now = now });
        var second = await node.PageAsync("u1", c => c with { Now = now });
        Assert.Equal(System.Text.Json.JsonSerializer.Serialize(first.Items), System.Text.Json.JsonSerializer.Serialize(second.Items));
    }

    [Fact]
    public async Task Users_see_items_of_their_own_world_only()
    {
        await using var node = await TestNode.StartAsync();
        await node.PutAsync(SampleCatalogue.Items(40));
        await node.PutAsync([.. SampleCatalogue.Items(20, seed: 2).Select(i => i with { ItemId = "x" + i.ItemId, WorldId = "other" })]);
        await node.PutUserAsync(new UserDocument { UserId = "guest", WorldId = "other" });
        var page = await node.PageAsync("guest", c => c with { PageSize = 100 });
        Assert.Equal(20, page.Items.Length);
        Assert.All(page.Items, i => Assert.StartsWith("x", i.ItemId));
        Assert.Equal(40, page.Funnel!.Dropped["otherWorld"]);
    }

    private static void AssertNoNeighbours(RecommendedItem[] page, ItemDocument[] items)
    {
        var byId = items.ToDictionary(i => i.ItemId);
        for (var i = 1; i < page.Length; i++)
        {
            Assert.NotEqual(byId[page[i - 1].ItemId].CreatorId, byId[page[i].ItemId].CreatorId);
            Assert.NotEqual(byId[page[i - 1].ItemId].SongId, byId[page[i].ItemId].SongId);
        }
    }
}
