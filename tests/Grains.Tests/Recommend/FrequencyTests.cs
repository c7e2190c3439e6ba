using System.Text.Json;
using KgOrleans.Ranking.Items;
using KgOrleans.Ranking.Recall;
using KgOrleans.Ranking.Scenes;
using KgOrleans.Ranking.Users;

namespace KgOrleans.Grains.Tests.Recommend;

/// <summary>What an interest tells is counted over the whole catalogue, however many shards it has.</summary>
[Trait("Suite", "Cluster")]
public sealed class FrequencyTests
{
    private static readonly ChannelSettings Off = new() { Quota = 0 };

    private static readonly SceneDocument Indexed = new()
    {
        Scene = "indexed",
        Recall = new()
        {
            Model = Off,
            Hot = new() { Quota = 0 },
            Social = Off,
            Fresh = Off,
            Region = Off,
            Continue = Off,
            Index = new() { Quota = 50, TimeoutMs = 30_000 },
        },
        PreRank = new() { Diversity = DiversityMethod.None },
        ReRank = new() { Diversity = DiversityMethod.None, Rules = [] },
    };

    [Fact]
    public async Task Rare_tags_lead_and_the_page_is_the_same_on_any_number_of_shards()
    {
        // Everything is pop; ten items are also fado, of which the user has heard a little less.
        ItemDocument[] items =
        [
            .. Enumerable.Range(0, 300).Select(i => new ItemDocument
            {
                ItemId = $"w{i}", CreatorId = $"c{i}", Kind = ItemKind.Audio, Tags = i % 30 == 7 ? ["pop", "fado"] : i % 3 == 0 ? ["pop", "rock"] : ["pop"],
            }),
        ];
        var user = new UserDocument
        {
            UserId = "u1",
            Interests = new UserInterests { Tags = new Dictionary<string, double> { ["pop"] = 10, ["rock"] = 8, ["fado"] = 6 } },
        };
        var pages = new List<string>();
        foreach (var shards in new[] { 1, 3, 8 })
        {
            await using var node = await TestNode.StartAsync(shards: shards);
            await node.PutAsync(items);
            await node.PutUserAsync(user);
            await node.PutSceneAsync(Indexed);
            var page = await node.PageAsync("u1", c => c with { Scene = "indexed", PageSize = 20, TimeoutMs = 20_000 });
            Assert.All(page.Items.Take(10), i => Assert.Equal(7, int.Parse(i.ItemId[1..], System.Globalization.CultureInfo.InvariantCulture) % 30));
            pages.Add(JsonSerializer.Serialize(page.Items.Select(i => (i.ItemId, i.Scores.Recall["index"])), new JsonSerializerOptions { IncludeFields = true }));
        }
        Assert.Single(pages.Distinct());
    }
}
