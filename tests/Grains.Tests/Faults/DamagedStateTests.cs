using KgOrleans.Grains.Interfaces;
using KgOrleans.Ranking.Events;
using KgOrleans.Storage;
using Microsoft.Data.Sqlite;

namespace KgOrleans.Grains.Tests.Faults;

/// <summary>One user's bytes in the state file are not the ones that were written.</summary>
[Trait("Suite", "Cluster")]
public sealed class DamagedStateTests
{
    [Fact]
    public async Task A_user_whose_stored_bytes_fail_their_checksum_is_refused_until_erased_and_others_are_served()
    {
        await using var node = await TestNode.StartAsync();
        await node.PutAsync(SampleCatalogue.Items(10));
        Assert.Equal([EventStatus.Accepted], await node.RecordAsync(Met("u1", 1)));
        Assert.Equal([EventStatus.Accepted], await node.RecordAsync(Met("u2", 1)));
        var management = node.Grains.GetGrain<IManagementGrain>(0);
        await management.ForceActivationCollection(TimeSpan.Zero);
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while ((await management.GetActiveGrains(GrainType.Create("user"))).Any())
            await Task.Delay(10, limit.Token);
        Damage(node, "user/u1");

        var refused = await Assert.ThrowsAnyAsync<Exception>(() => node.RecordAsync(Met("u1", 2)));
        Assert.True(StorageException.IsForGood(refused), refused.ToString());
        Assert.Contains("user/u1", refused.ToString(), StringComparison.Ordinal);
        Assert.Equal([EventStatus.Accepted], await node.RecordAsync(Met("u2", 2)));

        var erased = await node.Grains.GetGrain<IUserGrain>("u1").WriteProfile(new ProfileCommand(WriteOperation.Delete, [], null), default);
        Assert.True(erased.Succeeded, erased.ToString());
        Assert.Equal([EventStatus.Accepted], await node.RecordAsync(Met("u1", 3)));
        Assert.Equal(1, (await node.Grains.GetGrain<IUserGrain>("u1").GetState()).Seen);
    }

    private static UserEvent Met(string user, int i) => new() { EventId = $"e{i}", UserId = user, ItemId = $"w{i}", Type = EventType.Impression };

    private static void Damage(TestNode node, string grain)
    {
        using var connection = new SqliteConnection($"Data Source={Path.Combine(node.Data, "state", "grains.db")};Pooling=false");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "UPDATE grain_state SET checksum = checksum + 1 WHERE grain_id = $grain";
        command.Parameters.AddWithValue("$grain", grain);
        Assert.Equal(1, command.ExecuteNonQuery());
    }
}
