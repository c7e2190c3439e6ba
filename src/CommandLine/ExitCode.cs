namespace KgOrleans.CommandLine;

/// <summary>What a command returns to the shell.</summary>
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

    /// <summary>The codes for a program's help.</summary>
    public static string Explained =>
        $"Exit codes: {Ok} done, {Failed} the service failed or data was lost, {Usage} wrong usage or input, {Cancelled} cancelled.";
}
