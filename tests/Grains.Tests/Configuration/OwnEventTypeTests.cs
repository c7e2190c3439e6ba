using KgOrleans.Grains.Interfaces;
using KgOrleans.Ranking.Events;
using KgOrleans.Ranking.Items;
using KgOrleans.Ranking.Keys;
using KgOrleans.Ranking.Scenes;

namespace KgOrleans.Grains.Tests.Configuration;

/// <summary>Types of event that only a configuration knows.</summary>
[Trait("Suite", "Cluster")]
[Collection(nameof(OwnEventTypeTests))]
public sealed class OwnEventTypeTests : IDisposable
{
    private static readonly Dictionary<string, string?> Settings = new()
    {
        ["Kg:Events:Types:like:Weight"] = "4",
        ["Kg:Events:Types:sing:Number"] = "10",
        ["Kg:Events:Types:sing:Weight"] = "3",
        ["Kg:Events:Types:sing:MaxValue"] = "100",
        ["Kg:Events:Types:sing:LeastPositive"] = "60",
        ["Kg:Events:Types:hide:Number"] = "11",
        ["Kg:Events:Types:hide:Weight"] = "-1",
        ["Kg:Events:Types:hide:Removes"] = "true",
    };

    public void Dispose() => EventTypes.Use(EventTypeTable.Default);

    [Fact]
    public async Task Own_types_teach_interests_make_popular_and_remove_and_their_log_can_be_read_without_them()
    {
        var data = TestNode.NewData();
        try
        {
            await using (var node = await TestNode.StartAsync(data, settings: Settings))
            {
                await node.PutAsync([.. Enumerable.Range(0, 5).Select(
                    i => new ItemDocument { ItemId = $"w{i}", CreatorId = $"c{i}", Kind = ItemKind.Audio, Tags = [$"t{i}"] })]);
                Assert.Equal([EventStatus.Accepted, EventStatus.Accepted, EventStatus.Accepted, EventStatus.Accepted], await node.RecordAsync(
                    Event("w1", "sing", 80), Event("w2", "sing", 20), Event("w3", "hide", null), Event("w4", "like", null)));
                await node.CountedAsync(2, c => c.Evidence > 0 ? 1 : 0);

                var user = (await node.Grains.GetGrain<IUserGrain>("u1").GetSnapshot(
                    new UserQuery(DateTimeOffset.UtcNow.ToUnixTimeMilliseconds(), 0, 0, 0, null), default)).Snapshot;
                Assert.Equal([("t4", 4f), ("t1", 3f), ("t2", 3f)], user.Tags.Select(t => (t.Id, MathF.Round(t.Weight, 2))));
                // 20 is less than a sign of liking.
                Assert.Equal([Key64.Of("c4"), Key64.Of("c1")], user.RecentCreators.OrderByDescending(c => c == Key64.Of("c4")));
                var page = await node.PageAsync("u1", c => c with { Scene = "feed", PageSize = 50 });
                Assert.Equal(["w0", "w1", "w2", "w4"], page.Items.Select(i => i.ItemId).Order());
                await node.RecordAsync(Event("w3", "hide", null) with { Undo = true });
                Assert.Contains("w3", (await node.PageAsync("u1", c => c with { Scene = "feed", PageSize = 50 })).Items.Select(i => i.ItemId));

                // Messages and schemas name the types of today, and scenes may list them.
                Assert.Contains("report, sing, hide", EventValidator.Validate(
                    new UserEvent { UserId = "u", ItemId = "i", Type = (EventType)12 }, DateTimeOffset.UtcNow)[0].Message, StringComparison.Ordinal);
                var feed = BuiltInScenes.All["feed"];
                await node.PutSceneAsync(feed with { Seen = new SeenSettings { Types = [(EventType)10] } });
                Assert.DoesNotContain("w1", (await node.PageAsync("u1", c => c with { Scene = "feed", PageSize = 50 })).Items.Select(i => i.ItemId));
                await node.PutSceneAsync(feed);
            }
            await using (var node = await TestNode.StartAsync(data))
            {
                Assert.Equal(EventStatus.Accepted, (await node.RecordAsync(new UserEvent { UserId = "u1", ItemId = "w0", Type = EventType.Like }))[0]);
                var details = (await node.Grains.GetGrain<IUserGrain>("u1").GetDetails(default))!;
                Assert.Contains("retired", System.Text.Encoding.UTF8.GetString(details.HistoryJson), StringComparison.Ordinal);
                Assert.NotEmpty((await node.PageAsync("u1", c => c with { Scene = "feed" })).Items);
            }
        }
        finally
        {
            Directory.Delete(data, recursive: true);
        }
    }

    [Fact]
    public async Task Wrong_settings_stop_the_start()
    {
        var settings = new Dictionary<string, string?>(Settings) { ["Kg:Events:Types:sing:Number"] = "3" };
        var error = await Assert.ThrowsAnyAsync<Exception>(() => TestNode.StartAsync(settings: settings));
        Assert.Contains("Kg:Events:Types:sing:Number is 3, it must be 10..14", error.ToString(), StringComparison.Ordinal);
    }

    private static UserEvent Event(string item, string type, double? value)
    {
        Assert.True(EventTypes.Table.TryFind(type, out var found));
        return new UserEvent { UserId = "u1", ItemId = item, Type = found, Value = value };
    }
}
