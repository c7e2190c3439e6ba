using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using KgOrleans.Grains.Interfaces;
using KgOrleans.Ranking.Events;
using KgOrleans.Ranking.Items;
using KgOrleans.Ranking.Users;

namespace KgOrleans.Grains.Tests.Recommend;

/// <summary>
/// Items and profiles change while others turn pages. A page leaves out what was acknowledged as gone before the page was asked for, and its rules count
/// items that are gone since.
/// </summary>
[Trait("Suite", "Cluster")]
public sealed class LiveWritesTests
{
    private const int Users = 4;
    private const int Pages = 10;

    [Fact]
    public async Task Chains_of_pages_keep_their_promises_while_items_are_hidden_and_deleted_and_creators_blocked()
    {
        await using var node = await TestNode.StartAsync();
        var items = SampleCatalogue.Items(900, creators: 60, songs: 60).ToDictionary(i => i.ItemId);
        await node.PutAsync([.. items.Values]);
        var gone = new ConcurrentDictionary<string, bool>();
        var done = false;
        // Items are taken away in an order of their own, among them those that pages have just served.
        var remover = Task.Run(async () =>
        {
            for (var i = 0; i < 300 && !Volatile.Read(ref done); i++)
            {
                var id = $"w{i * 37 % 900}";
                var result = i % 2 == 0
                    ? await node.WriteAsync(WriteOperation.Delete, id)
                    : await node.WriteAsync(WriteOperation.Patch, id, """{"hidden":true}""");
                // Nothing is left to hide of an item that a reader deleted before.
                Assert.Contains(result.Status, (WriteStatus[])[WriteStatus.Updated, WriteStatus.NotFound]);
                gone[id] = true;
            }
        });
        await Task.WhenAll(Enumerable.Range(0, Users).Select(u => TurnPagesAsync(node, $"u{u}", items, gone)));
        Volatile.Write(ref done, true);
        await remover;
        Assert.NotEmpty(gone);
    }

    [Fact]
    public async Task What_was_just_played_is_an_interest_of_the_next_request_while_others_play_and_ask()
    {
        await using var node = await TestNode.StartAsync();
        // A tag of its own for each round, which nobody cares for before.
        await node.PutAsync([.. SampleCatalogue.Items(400, creators: 60, songs: 400).Select((item, i) => item with { Tags = [$"tag{i % 20}"] })]);
        await Task.WhenAll(Enumerable.Range(0, Users).Select(async u =>
        {
            for (var round = 0; round < 8; round++)
            {
                var tag = $"tag{(round + (5 * u)) % 20}";
                Assert.DoesNotContain(await OfTagAsync(node, $"u{u}", tag), i => i.Reasons.Contains($"tag:{tag}"));
                var played = (await OfTagAsync(node, $"u{u}", tag))[0].ItemId;
                var play = new UserEvent { EventId = $"u{u}-{round}", UserId = $"u{u}", ItemId = played, Type = EventType.Play, Value = 1 };
                var statuses = await node.RecordAsync(play);
                Assert.Equal([EventStatus.Accepted], statuses);
                var page = await OfTagAsync(node, $"u{u}", tag);
                Assert.Equal(10, page.Length);
                Assert.All(page, i => Assert.True(i.ItemId != played && i.Reasons.Contains($"tag:{tag}") && i.Channels.Contains("index"), i.ItemId));
            }
        }));
    }

    private static async Task TurnPagesAsync(TestNode node, string user, Dictionary<string, ItemDocument> items, ConcurrentDictionary<string, bool> gone)
    {
        var blocked = new HashSet<string>();
        var served = new List<ItemDocument>();
        long version = 0;
        byte[]? state = null;
        for (var page = 0; page < Pages; page++)
        {
            var before = gone.Keys.ToHashSet();
            var reply = await node.RecommendAsync(user, c => c with { PageState = state });
            Assert.Equal(RecommendStatus.Ok, reply.Status);
            Assert.Equal(10, reply.Answer!.Items.Length);
            Assert.True(reply.Answer.Funnel!.UserStateVersion >= version);
            foreach (var item in reply.Answer.Items.Select(i => items[i.ItemId]))
            {
                Assert.DoesNotContain(item.ItemId, before);
                Assert.DoesNotContain(item.CreatorId, blocked);
                Assert.DoesNotContain(item, served);
                Assert.False(
                served.Count > 0 && (served[^1].CreatorId == item.CreatorId || served[^1].SongId == item.SongId),
                $"{item.ItemId} follows {served.LastOrDefault()?.ItemId}");
                served.Add(item);
            }
            Assert.Empty(reply.Answer.Funnel.RelaxedRules);
            state = reply.NextPage;
            // The last item of the page is deleted before the next page is asked for: the rules still know it.
            await node.WriteAsync(WriteOperation.Delete, served[^1].ItemId);
            gone[served[^1].ItemId] = true;
            blocked.Add(served[^2].CreatorId);
            var written = await node.PutUserAsync(new UserDocument { UserId = user, BlockedCreatorIds = [.. blocked] });
            Assert.Contains(written.Status, (WriteStatus[])[WriteStatus.Created, WriteStatus.Updated]);
            version = written.Version;
        }
    }

    private static async Task<RecommendedItem[]> OfTagAsync(TestNode node, string user, string tag) =>
        (await node.PageAsync(user, c => c with { Filter = Encoding.UTF8.GetBytes(JsonSerializer.Serialize(new { field = "tags", eq = tag })) })).Items;
}
