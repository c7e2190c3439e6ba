using KgOrleans.Storage.Tests.Children;

namespace KgOrleans.Storage.Tests;

/// <summary>Runs the tests, or with <c>child NAME ARGUMENTS</c> one of the programs that tests start and kill.</summary>
public static class Program
{
    public static Task<int> Main(string[] args) =>
        args is ["child", .. var rest] ? ChildPrograms.RunAsync(rest)
            : args.Any(arg => arg is "-automated" or "@@") ? Xunit.Runner.InProc.SystemConsole.ConsoleRunner.Run(args)
            : Xunit.MicrosoftTestingPlatform.TestPlatformTestFramework.RunAsync(args, SelfRegisteredExtensions.AddSelfRegisteredExtensions);
}
