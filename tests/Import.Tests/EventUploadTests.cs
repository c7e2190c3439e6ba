using KgOrleans.Client;
using KgOrleans.ClientTestSupport;
using KgOrleans.Import.Upload;
using KgOrleans.Ranking.Events;
using KgOrleans.Ranking.Items;

namespace KgOrleans.Import.Tests;

[Trait("Suite", "Unit")]
public sealed class EventUploadTests : IAsyncLifetime
{
    private readonly InstantTime _time = new();
    private FakeService _service = null!;
    private KgClient _client = null!;

    public async ValueTask InitializeAsync()
    {
        _service = await FakeService.StartAsync();
        _service.Items["i"] = new ItemDocument { ItemId = "i", CreatorId = "c" };
        _client = new KgClient(new Uri(_service.Url), null, RetryPolicy.Default, _time);
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _service.DisposeAsync();
    }

    [Fact]
    public async Task Events_of_one_user_arrive_in_the_order_given_in_bounded_batches()
    {
        const int Count = 12_000;
        _service.FailNext(503, times: 3);
        var report = await SendAsync(Enumerable.Range(0, Count).Select(i => Event($"u{i % 40}", i)));
        Assert.Equal((Count, Count, 0L), (report.Sent, report.Accepted, report.Rejected.Count));
        Assert.All(_service.Events.GroupBy(e => e.UserId), user => Assert.Equal(user.OrderBy(e => e.Timestamp), user));
        Assert.True(_service.EventBodies.Count >= Count / EventBatch.MostEvents);
    }

    [Fact]
    public void A_batch_stays_below_a_megabyte()
    {
        var batch = new EventBatch();
        var scene = new string('s', 128);
        while (batch.TryAdd(new NamedEvent("e", Event(new string('u', 128), 0) with { ItemId = new string('i', 128), EventId = new string('e', 128), RequestId = new string('r', 128), Scene = scene })))
        {
        }
        Assert.InRange(batch.Body().Length, 1_000_000, 1 << 20);
        Assert.InRange(batch.Count, 1, EventBatch.MostEvents - 1);
    }

    [Fact]
    public async Task An_event_that_may_be_tried_again_is()
    {
        _service.BusyOnce("u1");
        var report = await SendAsync([Event("u1", 0), Event("u2", 1)]);
        Assert.Equal((2L, 2L, 0L), (report.Sent, report.Accepted, report.Rejected.Count));
        Assert.NotEmpty(_time.Waits);
    }

    [Fact]
    public async Task An_event_that_may_not_is_reported_by_its_name()
    {
        var report = await SendAsync([Event("u1", 0), Event("u1", 1) with { ItemId = "nowhere" }]);
        Assert.Equal("event 1: nowhere", Assert.Single(report.Rejected.Reasons).Examples.Single());
    }

    [Fact]
    public async Task A_failure_stops_every_lane_and_is_thrown()
    {
        _service.FailNext(500);
        var error = await Assert.ThrowsAsync<ApiException>(() => SendAsync(Enumerable.Range(0, 100_000).Select(i => Event($"u{i % 40}", i))));
        Assert.Equal(500, (int)error.Status!);
        Assert.True(_service.Events.Count < 100_000);
    }

    private static UserEvent Event(string user, int second) => new()
    {
        EventId = $"{user}-{second}",
        UserId = user,
        ItemId = "i",
        Type = EventType.Impression,
        Timestamp = DateTimeOffset.UnixEpoch.AddYears(40).AddSeconds(second),
    };

    private async Task<UploadReport> SendAsync(IEnumerable<UserEvent> events)
    {
        var report = new UploadReport("events");
        await new EventUpload(_client, report, _ => { }, _time).SendAsync(Named(events), CancellationToken.None);
        return report;
    }

    private static async IAsyncEnumerable<NamedEvent> Named(IEnumerable<UserEvent> events)
    {
        var i = 0;
        foreach (var e in events)
            yield return new NamedEvent($"event {i++}", e);
        await Task.CompletedTask;
    }
}
