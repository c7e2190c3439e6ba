using KgOrleans.Grains.Recommend;
using KgOrleans.TestSupport;

namespace KgOrleans.Grains.Tests.Recommend;

[Trait("Suite", "Unit")]
public sealed class DegradationsTests
{
    private const string Header = "| stage | reason | meaning |";

    [Fact]
    public void The_documentation_lists_every_reason_of_every_stage_and_no_other()
    {
        var lines = File.ReadAllLines(Path.Combine(RepositoryRoot.Path, "docs", "serving.md"));
        var listed = lines.SkipWhile(l => l != Header).Skip(2).TakeWhile(l => l.StartsWith('|')).SelectMany(row =>
        {
            var cells = row.Split('|', StringSplitOptions.TrimEntries);
            return from stage in cells[1].Split(", ") from reason in cells[2].Split(", ") select $"{stage} {reason}";
        }).ToArray();

        Assert.NotEmpty(listed);
        Assert.Equal(Degradations.All.Select(d => $"{d.Stage} {d.Reason}").Order(), listed.Order());
    }

    [Fact]
    public void No_reason_is_defined_twice() => Assert.Equal(Degradations.All.Count, Degradations.All.Select(d => (d.Stage, d.Reason)).Distinct().Count());

    [Fact]
    public void An_answer_misses_items_when_shards_channels_or_friends_do_and_not_when_a_model_does()
    {
        Assert.All(Degradations.All.Where(d => d.Stage == "hydrate"), d => Assert.True(d.MissesItems, d.Reason));
        string[] models = ["noModel", "worldMismatch", "userTowerFailed"];
        Assert.All(Degradations.All.Where(d => d.Stage == "recall"), d => Assert.Equal(!models.Contains(d.Reason), d.MissesItems));
        Assert.All(Degradations.All.Where(d => d.Stage is not ("hydrate" or "recall")), d => Assert.False(d.MissesItems, d.Reason));
    }

    [Fact]
    public void A_clock_remembers_whether_items_are_missing_also_from_a_step_beside_it()
    {
        var (clock, beside) = (new StageClock(TimeProvider.System), new StageClock(TimeProvider.System));
        clock.Degrade(Degradations.NotFinite, "two");
        Assert.False(clock.MissesItems);
        beside.Degrade(Degradations.RecallShards.Timeout, "shards 1");
        clock.AddDegraded(beside);
        Assert.True(clock.MissesItems);
        Assert.Equal(["fineRank notFinite two", "recall shardTimeout shards 1"], clock.Degraded.Select(d => $"{d.Stage} {d.Reason} {d.Detail}"));
    }
}
