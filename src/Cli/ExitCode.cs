namespace KgOrleans.Cli;

/// <summary>What <c>kg</c> returns to the shell.</summary>
public static class ExitCode
{
    /// <summary>Done; what was refused was refused for the reason shown.</summary>
    public const int Ok = 0;

    /// <summary>The service failed, or it did not take data that should have been taken.</summary>
    public const int Failed = 1;

    /// <summary>Wrong usage or bad input.</summary>
    public const int Usage = 2;

    /// <summary>Cancelled by Ctrl-C, as shells count SIGINT.</summary>
    public const int Cancelled = 130;
}
