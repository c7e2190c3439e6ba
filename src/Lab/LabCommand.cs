using System.CommandLine;
using KgOrleans.CommandLine;
using KgOrleans.Lab.Bench;
using KgOrleans.Lab.Communities;
using KgOrleans.Lab.Diversify;
using KgOrleans.Lab.Evaluate;
using KgOrleans.Lab.Fit;
using KgOrleans.Lab.Pages;
using KgOrleans.Lab.Replay;
using KgOrleans.Lab.State;

namespace KgOrleans.Lab;

/// <summary><c>kg-lab</c> itself.</summary>
public static class LabCommand
{
    /// <summary>The root command with everything below it.</summary>
    public static RootCommand Create() => new($"Measures KgOrleans and works on its models, histories and stored state. {ExitCode.Explained}")
    {
        BenchCommand.Create(),
        ReplayCommand.Create(),
        FitCommand.Create(),
        EvaluateCommand.Create(),
        DiversifyCommand.Create(),
        CommunitiesCommand.Create(),
        StateCommand.Create(),
        PagesCommand.Create(),
    };
}
