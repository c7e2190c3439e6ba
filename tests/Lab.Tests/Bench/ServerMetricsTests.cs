using KgOrleans.Lab.Bench;

namespace KgOrleans.Lab.Tests.Bench;

[Trait("Suite", "Unit")]
public sealed class ServerMetricsTests
{
    [Fact]
    public void The_load_between_two_moments_is_the_difference_of_sums_and_counts()
    {
        var load = ServerMetrics.Between(ServerMetrics.Parse(Text(10, 2, 1, 40, 10)), ServerMetrics.Parse(Text(30, 5, 2, 140, 30)))!;
        Assert.Equal(20, load.Requests);
        Assert.Equal((3 + 1) * 1_000 / 20d, load.CpuMsPerRequest, 1e-9);
        Assert.Equal(["recall"], load.Stages.Keys);
        Assert.Equal(5, load.Stages["recall"], 1e-9);
    }

    [Fact]
    public void A_stage_that_ran_for_the_first_time_counts_and_one_that_did_not_run_is_left_out()
    {
        var before = ServerMetrics.Parse("kg_recommend_requests_total 1\nkg_recommend_stage_duration_milliseconds_sum{stage=\"user\"} "
            + "4\nkg_recommend_stage_duration_milliseconds_count{stage=\"user\"} 1\n");
        var after = ServerMetrics.Parse(
            "kg_recommend_requests_total 3 1700000000000\nkg_recommend_stage_duration_milliseconds_sum{stage=\"user\"} "
                + "4\nkg_recommend_stage_duration_milliseconds_count{stage=\"user\"} 1\n"
            + "kg_recommend_stage_duration_milliseconds_sum{stage=\"re {rank}\"} 3\nkg_recommend_stage_duration_milliseconds_count{stage=\"re {rank}\"} 2\n");
        var load = ServerMetrics.Between(before, after)!;
        Assert.Equal(2, load.Requests);
        Assert.Equal(["re {rank}"], load.Stages.Keys);
        Assert.Equal(1.5, load.Stages["re {rank}"]);
    }

    [Theory]
    [InlineData("")]
    [InlineData("# only a comment\n\nkg_recommend_requests_total\nkg_recommend_requests_total{ 3\nkg_recommend_requests_total{status=\"Ok\"} many\n")]
    public void A_service_that_tells_nothing_has_no_load(string text) =>
        Assert.Null(ServerMetrics.Between(ServerMetrics.Parse(text), ServerMetrics.Parse(text)));

    private static string Text(int ok, double user, double system, double sum, int count) => FormattableString.Invariant($$"""
        # TYPE kg_recommend_requests_total counter
        kg_recommend_requests_total{otel_scope_name="KgOrleans.Funnel",status="Ok"} {{ok - 1}}
        kg_recommend_requests_total{otel_scope_name="KgOrleans.Funnel",status="Unavailable"} 1
        dotnet_process_cpu_time_seconds_total{otel_scope_name="System.Runtime",cpu_mode="user"} {{user}}
        dotnet_process_cpu_time_seconds_total{otel_scope_name="System.Runtime",cpu_mode="system"} {{system}}
        kg_recommend_stage_duration_milliseconds_bucket{stage="recall",le="5"} 7
        kg_recommend_stage_duration_milliseconds_sum{otel_scope_name="KgOrleans.Funnel",stage="recall"} {{sum}}
        kg_recommend_stage_duration_milliseconds_count{otel_scope_name="KgOrleans.Funnel",stage="recall"} {{count}}
        """);
}
