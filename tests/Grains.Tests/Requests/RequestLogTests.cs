using KgOrleans.Grains.Interfaces;
using KgOrleans.Grains.Requests;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace KgOrleans.Grains.Tests.Requests;

[Trait("Suite", "Unit")]
public sealed class RequestLogTests
{
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));

    [Fact]
    public void The_newest_records_stay_and_the_oldest_go()
    {
        var log = Log(new RequestLogOptions { Capacity = 3 });
        for (var i = 0; i < 5; i++)
            log.Add(Record($"r{i}"));
        Assert.Equal([null, null, "r2", "r3", "r4"], Enumerable.Range(0, 5).Select(i => log.Find($"r{i}")?.Answer.RequestId));
        var view = log.Describe("here");
        Assert.Equal((3, "here"), (view.Records, view.Silo));
        Assert.Equal(["r4", "r3", "r2"], view.Newest);
    }

    [Fact]
    public void A_record_is_forgotten_after_its_time_whether_or_not_another_follows()
    {
        var log = Log(new RequestLogOptions { Minutes = 30 });
        log.Add(Record("r1"));
        _time.Advance(TimeSpan.FromMinutes(30));
        Assert.NotNull(log.Find("r1"));
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Null(log.Find("r1"));
        Assert.Equal(1, log.Describe("").Records);
        log.Add(Record("r2"));
        Assert.Equal(1, log.Describe("").Records);
    }

    [Fact]
    public void Memory_is_bounded_whatever_the_pages_hold()
    {
        var log = Log(new RequestLogOptions { MaxMegabytes = 1 });
        for (var i = 0; i < 100; i++)
            log.Add(Record($"r{i}", items: 100));
        var large = log.Describe("");
        Assert.InRange(large.Bytes, 500_000, 1 << 20);
        Assert.NotNull(log.Find("r99"));
        log.Add(Record("filter", filter: new byte[900_000]));
        Assert.InRange(log.Describe("").Records, 1, 2);
        Assert.InRange(log.Describe("").Bytes, 900_000, 1 << 20);
    }

    [Fact]
    public void Labels_count_as_memory()
    {
        var (bare, labelled) = (Log(new RequestLogOptions()), Log(new RequestLogOptions()));
        bare.Add(Record("r1"));
        labelled.Add(Record("r1") with { Labels = new() { ["a"] = new string('x', 256) } });
        Assert.InRange(labelled.Describe("").Bytes - bare.Describe("").Bytes, 2 * 257, 1_024);
    }

    [Fact]
    public void An_id_that_comes_again_stands_for_the_newer_record()
    {
        var log = Log(new RequestLogOptions { Capacity = 2 });
        log.Add(Record("r1"));
        log.Add(Record("r1", items: 2));
        log.Add(Record("r2"));
        Assert.Equal(2, log.Find("r1")!.Answer.Items.Length);
        log.Add(Record("r3"));
        Assert.Null(log.Find("r1"));
    }

    [Theory]
    [InlineData(10, false, false, true)]
    [InlineData(10, true, false, false)]
    [InlineData(10, true, true, true)]
    [InlineData(0, false, true, false)]
    public void Real_requests_are_kept_and_dry_runs_that_are_explained(int capacity, bool dryRun, bool explain, bool kept) =>
        Assert.Equal(kept, Log(new RequestLogOptions { Capacity = capacity }).Keeps(new RecommendCommand { DryRun = dryRun, Explain = explain }));

    private RequestLog Log(RequestLogOptions options) => new(Options.Create(options), _time);

    private RequestRecord Record(string id, int items = 1, byte[]? filter = null) => new()
    {
        At = _time.GetUtcNow(),
        Filter = filter,
        Answer = new RecommendAnswer
        {
            RequestId = id,
            Items =
            [
                .. Enumerable.Range(0, items).Select(
                    i => new RecommendedItem { ItemId = $"w{i}", Features = new() { ["item.content"] = new float[32] } }),
            ],
        },
    };
}
