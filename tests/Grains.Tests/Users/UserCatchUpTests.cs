using System.Text.RegularExpressions;
using KgOrleans.Grains.Interfaces;
using KgOrleans.Ranking.Events;
using KgOrleans.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Orleans.Storage;

namespace KgOrleans.Grains.Tests.Users;

/// <summary>What is answered accepted or duplicate is in the user's state, whatever happened to earlier writes.</summary>
[Trait("Suite", "Cluster")]
public sealed class UserCatchUpTests : IDisposable
{
    private readonly string _data = TestNode.NewData();
    private readonly GatedStorage _storage = new();
    private readonly MessageLog _log = new();

    public void Dispose() => Directory.Delete(_data, recursive: true);

    [Fact]
    public async Task An_event_whose_state_was_never_stored_is_in_the_state_after_a_restart_and_a_later_event()
    {
        await using (var node = await StartAsync())
        {
            await node.PutAsync(SampleCatalogue.Items(20));
            await node.RecordAsync(Met(0));
            _storage.IsBroken = true;
            Assert.Equal([EventStatus.Unavailable], await node.RecordAsync(Met(1)));
        }
        _storage.IsBroken = false;
        await using (var node = await StartAsync())
        {
            await ReadyAsync(node);
            // Another event comes first, so that the newest position says nothing about the one that failed.
            Assert.Equal([EventStatus.Accepted], await node.RecordAsync(Met(2)));
            Assert.Equal([EventStatus.Duplicate], await node.RecordAsync(Met(1)));
            var state = await node.Grains.GetGrain<IUserGrain>("u1").GetState();
            Assert.Equal((3, 3L), (state.Seen, state.Events["impression"]));
        }
        await using (var node = await StartAsync())
        {
            var state = await node.Grains.GetGrain<IUserGrain>("u1").GetState();
            Assert.Equal((3, 3L, 0L), (state.Seen, state.Events["impression"], state.StateWrites));
        }
    }

    [Fact]
    public async Task An_activation_brings_its_state_up_to_the_log_without_being_asked()
    {
        await using var node = await StartAsync();
        await node.PutAsync(SampleCatalogue.Items(20));
        await node.RecordAsync(Met(0));
        _storage.IsBroken = true;
        Assert.Equal([EventStatus.Unavailable, EventStatus.Unavailable], await node.RecordAsync(Met(1), Met(2)));
        _storage.IsBroken = false;
        await EndActivationAsync(node);

        await UntilAsync(async () => await node.Grains.GetGrain<IUserGrain>("u1").GetState() is { Seen: 3, StateWrites: 1 });
        Assert.Equal([EventStatus.Duplicate, EventStatus.Duplicate], await node.RecordAsync(Met(2), Met(1)));
    }

    [Fact]
    public async Task An_event_that_failed_before_its_item_was_deleted_holds_nothing_up()
    {
        await using var node = await StartAsync();
        await node.PutAsync(SampleCatalogue.Items(20));
        _storage.IsBroken = true;
        Assert.Equal([EventStatus.Unavailable], await node.RecordAsync(Met(1)));
        _storage.IsBroken = false;
        await EndActivationAsync(node);
        await node.WriteAsync(WriteOperation.Delete, "w1");

        Assert.Equal([EventStatus.Accepted], await node.RecordAsync(Met(2)));
        Assert.Equal([EventStatus.UnknownItem], await node.RecordAsync(Met(1)));
        Assert.Equal(1, (await node.Grains.GetGrain<IUserGrain>("u1").GetState()).Seen);
    }

    [Theory]
    [InlineData("\"appliedPosition\":", "\"appliedPosition\":9", "a part of it is lost")]
    [InlineData("\"logId\":\"[^\"]*\"", "\"logId\":\"00000000-0000-0000-0000-000000000001\"", "another store's")]
    public async Task A_state_that_has_more_than_the_log_or_is_of_another_is_refused(string member, string replaced, string reason)
    {
        await using var node = await StartAsync();
        await node.PutAsync(SampleCatalogue.Items(20));
        await node.RecordAsync(Met(1));
        _storage.Replace("u1", json => Regex.Replace(json, member, replaced));
        await EndActivationAsync(node);

        var failure = await Assert.ThrowsAnyAsync<Exception>(() => node.RecordAsync(Met(2)));

        Assert.True(StorageException.IsForGood(failure), failure.ToString());
        Assert.Contains(reason, failure.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_event_without_id_and_time_is_a_repeat_for_two_minutes_also_after_a_failed_write()
    {
        var bare = new UserEvent { UserId = "u1", ItemId = "w1", Type = EventType.Impression };
        var now = DateTimeOffset.UtcNow.AddHours(-1);
        await using (var node = await StartAsync())
        {
            await node.PutAsync(SampleCatalogue.Items(20));
            Assert.Equal([EventStatus.Accepted, EventStatus.Duplicate], await node.RecordAsync(now, bare, bare));
            Assert.Equal([EventStatus.Duplicate], await node.RecordAsync(now.AddSeconds(119), bare));
            Assert.Equal([EventStatus.Accepted], await node.RecordAsync(now.AddSeconds(121), bare));
            _storage.IsBroken = true;
            Assert.Equal([EventStatus.Unavailable], await node.RecordAsync(now.AddSeconds(300), bare));
        }
        _storage.IsBroken = false;
        await using (var node = await StartAsync())
        {
            await ReadyAsync(node);
            Assert.Equal([EventStatus.Duplicate], await node.RecordAsync(now.AddSeconds(301), bare));
            Assert.Equal(3, (await node.Grains.GetGrain<IUserGrain>("u1").GetState()).Events["impression"]);
        }
    }

    [Fact]
    public async Task One_id_for_two_events_is_a_conflict_also_after_a_restart()
    {
        await using (var node = await StartAsync())
        {
            await node.PutAsync(SampleCatalogue.Items(20));
            Assert.Equal([EventStatus.Accepted, EventStatus.IdConflict], await node.RecordAsync(Met(1), Met(1) with { ItemId = "w2" }));
        }
        await using (var node = await StartAsync())
        {
            await ReadyAsync(node);
            Assert.Equal(
                [EventStatus.IdConflict, EventStatus.IdConflict, EventStatus.Duplicate],
                await node.RecordAsync(Met(1) with { Type = EventType.Like }, Met(1) with { Position = 3 }, Met(1)));
            Assert.Equal(1, (await node.Grains.GetGrain<IUserGrain>("u1").GetState()).Seen);
        }
    }

    private static UserEvent Met(int i) => new() { EventId = $"e{i}", UserId = "u1", ItemId = $"w{i}", Type = EventType.Impression };

    private static async Task EndActivationAsync(TestNode node)
    {
        await node.Grains.GetGrain<IManagementGrain>(0).ForceActivationCollection(TimeSpan.Zero);
        await UntilAsync(async () => !(await node.Grains.GetGrain<IManagementGrain>(0).GetActiveGrains(GrainType.Create("user"))).Any());
    }

    /// <summary>Waits until the shards answer what an event is about.</summary>
    private static Task ReadyAsync(TestNode node) =>
        UntilAsync(async () => (await node.RecordAsync(new UserEvent { UserId = "other", ItemId = "w1", Type = EventType.Skip }))[0] != EventStatus.Unavailable);

    private static async Task UntilAsync(Func<Task<bool>> condition)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (!await condition())
            await Task.Delay(10, limit.Token);
    }

    private Task<TestNode> StartAsync() => TestNode.StartAsync(
        _data, services: services => services.AddKeyedSingleton<IGrainStorage>("Default", _storage).AddSingleton<ILoggerProvider>(_log));
}
