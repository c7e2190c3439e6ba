using KgOrleans.Grains.Events;
using KgOrleans.Ranking.Events;

namespace KgOrleans.Grains.Tests.Configuration;

[Trait("Suite", "Unit")]
public sealed class EventOptionsTests
{
    [Fact]
    public void Without_configuration_the_table_is_the_default_one()
    {
        var table = new EventOptions().ToTable();
        Assert.Equal(EventTypeTable.Default.All, table.All);
        Assert.Equal(EventTypeTable.Default.InterestHalfLife, table.InterestHalfLife);
    }

    [Fact]
    public void Weights_half_life_and_own_types_are_those_of_the_configuration()
    {
        var options = new EventOptions
        {
            InterestHalfLifeDays = 30,
            Types = new()
            {
                ["like"] = new() { Weight = 5 },
                ["sing"] = new() { Number = 10, Weight = 3, MaxValue = 100, WeightByValue = true, LeastPositive = 60 },
                ["block"] = new() { Number = 14, Weight = -4, Removes = true },
                ["finish"] = new() { Number = 12, Weight = 1, Undo = false },
            },
        };
        Assert.Empty(Errors(options));
        var table = options.ToTable();
        Assert.Equal(TimeSpan.FromDays(30), table.InterestHalfLife);
        Assert.Equal(5, table.Of(EventType.Like).Interest);
        Assert.True(table.TryFind("sing", out var sing));
        Assert.Equal((EventType)10, sing);
        Assert.Equal(new EventTypeInfo(sing, "sing", 100, 1, 3, true, false, true, "0..100") { LeastPositive = 60 }, table.Of(sing));
        Assert.Equal([EventType.Dislike, EventType.Report, (EventType)14], table.Removing);
        Assert.False(table.Of((EventType)12).Undo);
        Assert.Equal(15, table.Count);
        Assert.False(table.Has((EventType)11));
    }

    [Fact]
    public void Every_wrong_setting_is_named()
    {
        var options = new EventOptions
        {
            RetentionDays = -1,
            InterestHalfLifeDays = 0,
            Types = new()
            {
                ["play"] = new() { Weight = 101, Number = 3 },
                ["Sing"] = new() { Number = 9, Weight = 1 },
                ["duet"] = new() { Number = 11 },
                ["finish"] = new() { Number = 11, Weight = double.NaN, WeightByValue = true, LeastPositive = 2, Removes = true, Undo = false },
                ["lonely"] = new() { Weight = 1, MaxValue = -1 },
            },
        };
        Assert.Equal(
            [
                "Kg:Events:InterestHalfLifeDays is 0, it must be 0.01..36500",
                "Kg:Events:RetentionDays is -1, it must be 0..36500",
                "Kg:Events:Types:Sing is no name of a type: a lower-case letter and up to 31 letters and digits, and not 'retired'",
                "Kg:Events:Types:Sing:Number is 9, it must be 10..14",
                "Kg:Events:Types:duet:Weight is missing: an own type needs a weight",
                "Kg:Events:Types:finish:LeastPositive is 2, it must be 0..0",
                "Kg:Events:Types:finish:Number is 11, which type duet has",
                "Kg:Events:Types:finish:Removes is true, but Undo is false: what removes an item must be possible to take back",
                "Kg:Events:Types:finish:Weight is NaN, it must be -100..100",
                "Kg:Events:Types:finish:WeightByValue is true, but MaxValue is 0: the events have no value",
                "Kg:Events:Types:lonely:MaxValue is -1, it must be 0..1000000",
                "Kg:Events:Types:lonely:Number is missing: an own type is stored by a number, 10..14",
                "Kg:Events:Types:play:Number is set, but only the Weight of a built-in type can be",
                "Kg:Events:Types:play:Weight is 101, it must be -100..100",
            ],
            Errors(options).Order(StringComparer.Ordinal));
    }

    private static IReadOnlyList<string> Errors(EventOptions options)
    {
        var checks = new SettingChecks();
        options.Check(checks);
        return checks.Errors;
    }
}
