using System.CommandLine;

namespace KgOrleans.Lab.State;

/// <summary><c>kg-lab state</c>.</summary>
public static class StateCommand
{
    /// <summary>The command with its subcommands.</summary>
    public static Command Create() => new("state", "Works on stored grain state while no silo runs.")
    {
        StateCopyCommand.Create(),
    };
}
