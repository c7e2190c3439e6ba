using KgOrleans.Grains.Interfaces;
using KgOrleans.Ranking.Events;
using KgOrleans.Ranking.Users;
using KgOrleans.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Orleans.Storage;

namespace KgOrleans.Grains.Tests.Users;

[Trait("Suite", "Cluster")]
public sealed class UserWriteFaultTests
{
    private readonly GatedStorage _storage = new();
    private readonly MessageLog _log = new();

    [Fact]
    public async Task A_state_that_another_activation_wrote_ends_this_one_and_the_retry_sees_both_writes()
    {
        await using var node = await StartAsync();
        Assert.Equal([EventStatus.Accepted], await node.RecordAsync(Like(1)));
        _storage.Replace("u1", json => json.Replace("\"profileVersion\":0", "\"profileVersion\":41", StringComparison.Ordinal));

        Assert.Equal([EventStatus.Unavailable], await node.RecordAsync(Like(2)));

        // The event is in the log already: that it is sent again makes it count, once.
        Assert.Equal([EventStatus.Duplicate], await RetriedAsync(node, Like(2)));
        Assert.Equal(2, (await node.Grains.GetGrain<IUserGrain>("u1").GetState()).Events["like"]);
        Assert.Equal(42, (await node.PutUserAsync(new UserDocument { UserId = "u1" })).Version);
    }

    [Fact]
    public async Task A_write_that_takes_too_long_is_refused_then_found_and_reads_go_on()
    {
        await using var node = await StartAsync(timeoutMs: 300);
        await node.RecordAsync(Like(1));
        _storage.Close();

        Assert.Equal([EventStatus.Unavailable], await node.RecordAsync(Like(2)));
        Assert.NotEmpty((await node.PageAsync("u1")).Items);

        _storage.Open();
        Assert.Equal([EventStatus.Duplicate], await RetriedAsync(node, Like(2)));
        Assert.Equal(2, (await node.Grains.GetGrain<IUserGrain>("u1").GetState()).Events["like"]);
    }

    [Fact]
    public async Task Calls_beyond_the_queue_are_refused_at_once_and_those_in_it_end_well()
    {
        await using var node = await StartAsync(queue: 2);
        await node.RecordAsync(Like(0));
        _storage.Close();
        var first = node.RecordAsync(Like(1));
        await UntilAsync(() => _storage.Waiting == 1);
        Task<EventStatus[]>[] queued = [node.RecordAsync(Like(2)), node.RecordAsync(Like(3))];
        await UntilAsync(async () => (await node.Grains.GetGrain<IUserGrain>("u1").GetState()).PendingWrites == 2);

        Assert.Equal([EventStatus.Unavailable], await node.RecordAsync(Like(4)));

        _storage.Open();
        Assert.Equal([EventStatus.Accepted], await first);
        Assert.All(await Task.WhenAll(queued), s => Assert.Equal([EventStatus.Accepted], s));
    }

    [Fact]
    public async Task An_outage_is_logged_once_and_so_is_its_end()
    {
        await using var node = await StartAsync();
        _storage.IsBroken = true;
        for (var i = 0; i < 3; i++)
        {
            Assert.Equal([EventStatus.Unavailable], await node.RecordAsync(Like(i)));
            Assert.Equal([EventStatus.Unavailable], await node.RecordAsync(Like(i) with { UserId = "u2" }));
        }
        _storage.IsBroken = false;
        Assert.Equal([EventStatus.Duplicate], await node.RecordAsync(Like(0)));
        Assert.Equal([EventStatus.Accepted], await node.RecordAsync(Like(4)));

        Assert.Single(_log.Messages, m => m.Contains("cannot be written", StringComparison.Ordinal));
        Assert.Single(_log.Messages, m => m.Contains("written again after 6 failed writes", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_state_of_the_first_format_is_served_and_stored_in_the_current_one()
    {
        await using var node = await StartAsync();
        await node.RecordAsync(Like(1));
        _storage.Replace("u1", json => json
            .Replace($"\"format\":{UserState.CurrentFormat}", "\"format\":1", StringComparison.Ordinal)
            .Replace(SeenOf(json), Convert.ToBase64String(new byte[18]), StringComparison.Ordinal));
        await RestartAsync(node);

        Assert.Equal(1, (await node.Grains.GetGrain<IUserGrain>("u1").GetState()).Seen);
        await node.RecordAsync(Like(2));
        Assert.Contains($"\"format\":{UserState.CurrentFormat}", _storage.DocumentOf("u1"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_state_of_a_newer_format_is_refused_for_good_and_left_alone()
    {
        await using var node = await StartAsync();
        await node.RecordAsync(Like(1));
        _storage.Replace("u1", json => json.Replace($"\"format\":{UserState.CurrentFormat}", "\"format\":99", StringComparison.Ordinal));
        await RestartAsync(node);
        var before = _storage.DocumentOf("u1");

        var failure = await Assert.ThrowsAnyAsync<Exception>(() => node.RecordAsync(Like(2)));

        Assert.True(StorageException.IsForGood(failure), failure.ToString());
        Assert.Contains("format 99", failure.ToString(), StringComparison.Ordinal);
        Assert.Equal(before, _storage.DocumentOf("u1"));
    }

    [Theory]
    [InlineData("\"history\":", "\"history\":7,\"x\":")]
    [InlineData("\"format\":3", "\"format\":99")]
    [InlineData("\"seen\":\"", "\"seen\":\"AAAA")]
    [InlineData("\"appliedPosition\":", "\"appliedPosition\":9999")]
    [InlineData("{", "")]
    public async Task A_user_whose_state_cannot_be_read_is_refused_until_erased_and_then_new(string there, string damaged)
    {
        await using var node = await StartAsync();
        await node.PutUserAsync(new UserDocument { UserId = "u1" });
        Assert.Equal([EventStatus.Accepted], await node.RecordAsync(Like(1)));
        _storage.Replace("u1", json => there == "{" ? json[1..] : json.Replace(there, damaged, StringComparison.Ordinal));
        await RestartAsync(node);
        var user = node.Grains.GetGrain<IUserGrain>("u1");

        Task[] calls = [node.RecordAsync(Like(2)), node.PutUserAsync(new UserDocument { UserId = "u1" }), user.GetDetails(default), node.PageAsync("u1")];
        foreach (var call in calls)
        {
            var failure = await Assert.ThrowsAnyAsync<Exception>(() => call);
            Assert.True(StorageException.IsForGood(failure), failure.ToString());
        }
        Assert.Equal(WriteStatus.VersionMismatch, (await user.WriteProfile(new ProfileCommand(WriteOperation.Delete, [], 1), default)).Status);
        var erased = await user.WriteProfile(new ProfileCommand(WriteOperation.Delete, [], null), default);

        Assert.Equal(WriteStatus.Updated, erased.Status);
        Assert.Null(await user.GetDetails(default));
        await RestartAsync(node);
        var state = await user.GetState();
        Assert.Equal((false, 0, 0), (state.Known, state.Seen, state.Events.Count));
        // Nothing from before comes back, and what is sent from here on counts.
        Assert.Equal([EventStatus.Accepted], await node.RecordAsync(Like(3)));
        Assert.Equal(1, (await user.GetState()).Events["like"]);
        Assert.True((await node.PutUserAsync(new UserDocument { UserId = "u1" })).Version > erased.Version);
    }

    [Fact]
    public async Task A_state_that_was_repaired_serves_at_the_next_call()
    {
        await using var node = await StartAsync();
        await node.RecordAsync(Like(1));
        var whole = _storage.DocumentOf("u1")!;
        _storage.Replace("u1", json => json[1..]);
        await RestartAsync(node);
        await Assert.ThrowsAnyAsync<Exception>(() => node.RecordAsync(Like(2)));

        _storage.Replace("u1", _ => whole);

        Assert.Equal([EventStatus.Accepted], await node.RecordAsync(Like(2)));
        Assert.Equal(2, (await node.Grains.GetGrain<IUserGrain>("u1").GetState()).Events["like"]);
    }

    private static UserEvent Like(int i) => new() { EventId = $"e{i}", UserId = "u1", ItemId = $"w{i}", Type = EventType.Like };

    private static string SeenOf(string json) => System.Text.Json.JsonDocument.Parse(json).RootElement.GetProperty("seen").GetString()!;

    /// <summary>Ends the activation, so that the next call reads what is stored.</summary>
    private static async Task RestartAsync(TestNode node)
    {
        await node.Grains.GetGrain<IManagementGrain>(0).ForceActivationCollection(TimeSpan.Zero);
        await UntilAsync(async () => !(await node.Grains.GetGrain<IManagementGrain>(0).GetActiveGrains(GrainType.Create("user"))).Any());
    }

    /// <summary>Sends an event again until it is not refused.</summary>
    private static async Task<EventStatus[]> RetriedAsync(TestNode node, UserEvent e)
    {
        EventStatus[] statuses = [EventStatus.Unavailable];
        await UntilAsync(async () => (statuses = await node.RecordAsync(e))[0] != EventStatus.Unavailable);
        return statuses;
    }

    private static Task UntilAsync(Func<bool> condition) => UntilAsync(() => Task.FromResult(condition()));

    private static async Task UntilAsync(Func<Task<bool>> condition)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (!await condition())
            await Task.Delay(10, limit.Token);
    }

    private async Task<TestNode> StartAsync(int timeoutMs = 30_000, int queue = 256)
    {
        var node = await TestNode.StartAsync(
            settings: new() { ["Kg:UserState:WriteTimeoutMs"] = $"{timeoutMs}", ["Kg:UserState:QueueLength"] = $"{queue}" },
            services: services => services.AddKeyedSingleton<IGrainStorage>("Default", _storage).AddSingleton<ILoggerProvider>(_log));
        await node.PutAsync(SampleCatalogue.Items(20));
        return node;
    }
}
