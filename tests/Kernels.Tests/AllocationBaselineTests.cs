using KgOrleans.Benchmarks;

namespace KgOrleans.Kernels.Tests;

[Trait("Suite", "Unit")]
public class AllocationBaselineTests
{
    [Fact]
    public void Every_benchmark_allocates_what_is_checked_in()
    {
        Assert.NotEmpty(AllocationBaseline.Expected());
        Assert.Equal([], AllocationBaseline.Differences());
    }
}
