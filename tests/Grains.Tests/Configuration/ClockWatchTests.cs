using KgOrleans.Silo;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Configuration;

namespace KgOrleans.Grains.Tests.Configuration;

[Trait("Suite", "Unit")]
public sealed class ClockWatchTests : IDisposable
{
    private readonly Clock _clock = new();
    private readonly MessageLog _log = new();
    private readonly ILoggerFactory _loggers;
    private readonly ClockWatch _watch;

    public ClockWatchTests()
    {
        _loggers = LoggerFactory.Create(logging => logging.AddProvider(_log));
        _watch = new ClockWatch(_clock, Options.Create(new GrainCollectionOptions()), _loggers.CreateLogger<ClockWatch>());
    }

    public void Dispose()
    {
        _watch.Dispose();
        _loggers.Dispose();
    }

    [Fact]
    public void A_clock_set_back_beyond_the_idle_time_of_grains_is_an_obstacle_until_it_has_caught_up()
    {
        Assert.Null(_watch.Obstacle);
        _clock.Now += TimeSpan.FromHours(1);
        Assert.Null(_watch.Obstacle);
        _clock.Now -= TimeSpan.FromMinutes(12);
        Assert.Null(_watch.Obstacle);
        _clock.Now -= TimeSpan.FromMinutes(8);
        Assert.Contains("set back by 20 minutes", _watch.Obstacle, StringComparison.Ordinal);
        Assert.NotNull(_watch.Obstacle);
        Assert.Single(_log.Messages, m => m.Contains("set back", StringComparison.Ordinal));
        _clock.Now += TimeSpan.FromMinutes(10);
        Assert.Null(_watch.Obstacle);
    }

    private sealed class Clock : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

        public override DateTimeOffset GetUtcNow() => Now;
    }
}
