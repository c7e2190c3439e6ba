using System.Text.Json;
using System.Text.Json.Nodes;
using KgOrleans.Grains.Interfaces;
using KgOrleans.Ranking.Events;
using KgOrleans.Ranking.Keys;
using KgOrleans.Ranking.Scenes;
using KgOrleans.Ranking.Users;
using KgOrleans.Storage.Events;
using KgOrleans.TestSupport;

namespace KgOrleans.Grains.Tests.Configuration;

/// <summary>A silo on a container that an earlier release filled.</summary>
[Trait("Suite", "Cluster")]
public sealed class OldContainerTests
{
    public OldContainerTests() => Assert.SkipWhen(AzuriteServer.Missing is not null, AzuriteServer.Missing ?? "");

    [Fact]
    public async Task States_of_an_earlier_release_are_read_unchanged_and_written_under_their_names()
    {
        await using var azurite = await AzuriteServer.StartAsync();
        var container = await OldContainer.CreateAsync(azurite.ConnectionString);
        string before, after;
        await using (var node = await TestNode.StartAsync(settings: new()
        {
            ["Orleans:GrainStorage:Default:ProviderType"] = "AzureBlobStorage",
            ["Orleans:GrainStorage:Default:ConnectionString"] = azurite.ConnectionString,
        }))
        {
            await LengthenLogAsync(node);
            var user = await node.Grains.GetGrain<IUserGrain>("u0001").GetState();
            Assert.Equal((true, 2L, 2, 1L, 1L), (user.Known, user.Version, user.Seen, user.Events["play"], user.Events["like"]));
            Assert.Equal(["w2", "w1"], user.RecentHistory.Select(entry => entry.Split(' ').Single(word => word is "w1" or "w2")));
            var scene = await node.Grains.GetGrain<ISceneRegistryGrain>(ISceneRegistryGrain.Key).GetVersion("evening", 1);
            Assert.Equal("点歌 in the evening", (string?)JsonNode.Parse(scene!.Json)!["description"]);

            before = await ContentAsync(OldContainer.UserBlob);
            Assert.Equal(WriteStatus.Created, (await node.PutUserAsync(new UserDocument { UserId = "u0001", Region = "fz" })).Status);
            var faster = JsonSerializer.Deserialize<SceneDocument>(scene.Json, KgJson.Options)! with { DeadlineMs = 900 };
            Assert.Equal((WriteStatus.Updated, 2L), await node.PutSceneAsync(faster));
            after = await ContentAsync(OldContainer.UserBlob);
        }

        var names = new List<string>();
        await foreach (var blob in container.GetBlobsAsync())
        {
            if (!blob.Name.Contains("/other", StringComparison.Ordinal))
                names.Add(blob.Name);
        }
        Assert.Equal([OldContainer.SceneBlob, OldContainer.UserBlob], names);
        // Beside what the format adds, the profile is the one difference that a write of the profile makes.
        var (old, now) = (JsonNode.Parse(before)!.AsObject(), JsonNode.Parse(after)!.AsObject());
        Assert.Equal("fz", (string?)now["profile"]!["region"]);
        foreach (var changed in (string[])["profile", "version", "profileVersion", "format", "followedAt", "reactions", "erasedAt", "arrivals", "seen"])
        {
            old.Remove(changed);
            now.Remove(changed);
        }
        Assert.Equal(old.ToJsonString(), now.ToJsonString());

        async Task<string> ContentAsync(string blob) => (await container.GetBlobClient(blob).DownloadContentAsync()).Value.Content.ToString();
    }

    // The state's events are in the log that lay beside the container: one that ends before them is refused.
    private static async Task LengthenLogAsync(TestNode node)
    {
        await node.PutAsync(SampleCatalogue.Items(1));
        var log = node.Service<EventLog>();
        var neighbour = Enumerable.Range(0, 100).Select(i => $"other{i}").First(id => log.PartitionOf(Key64.Of(id)) == log.PartitionOf(Key64.Of("u0001")));
        await node.RecordAsync(new UserEvent { EventId = "e1", UserId = neighbour, ItemId = "w0", Type = EventType.Like });
        await node.RecordAsync(new UserEvent { EventId = "e2", UserId = neighbour, ItemId = "w0", Type = EventType.Play });
    }
}
