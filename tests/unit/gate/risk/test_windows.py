"""PowerShell and cmd: read-only only where plainly so."""

from __future__ import annotations

import pytest

from gate.risk import Class, assess


@pytest.mark.parametrize(
    "command",
    [
        "Get-Process",
        "Get-Service -Name spooler | Where-Object {$_.Status -eq 'Running'} | Select-Object Name, Status",
        "gps | ? { $_.CPU -gt 5 } | sort CPU -Descending | select -First 5",
        "Get-EventLog -LogName System -Newest 10 | ft -AutoSize",
        "Get-WinEvent -FilterHashtable @{LogName='System'; Level=2} -MaxEvents 20",
        "Get-Content C:\\logs\\app.log -Tail 50 | Select-String -Pattern error",
        "Get-ChildItem C:\\logs -Recurse | Sort-Object -Property Length | Select-Object -Last 5",
        "Test-NetConnection web1 -Port 443",
        "(Get-Process -Name w3wp).WorkingSet",
        "Get-NetTCPConnection -State Listen | group LocalPort -NoElement",
        "$top = Get-Process; $top | ForEach-Object { $_.Name }",
        "ipconfig /all; hostname",
        "kubectl get pods -n shop",
        "Get-Process 2>$null",
    ],
)
def test_reading_in_powershell_is_read_only(command: str) -> None:
    assessment = assess(command, "powershell")
    assert (assessment.risk, assessment.reason) == (Class.READ_ONLY, "only reads")


@pytest.mark.parametrize(
    "command",
    [
        "Get-Process | Out-File x",
        "Get-Process > x",
        "Get-Process | Export-Csv x",
        "Get-Process -OutFile x",
        "Get-Content app.log -Wait",
        "Get-Content C:\\Users\\a\\.ssh\\id_rsa",
        "Get-Content \\\\elsewhere\\share\\x",
        "Get-ChildItem env:",
        "$env:TOKEN",
        "Get-Credential",
        "Get-AzKeyVaultSecret -Name x",
        "Get-Process | % Kill",
        "(Get-Process -Name x).Kill()",
        "[System.IO.File]::WriteAllText('x', 'y')",
        "[Environment]::MachineName",
        "& 'x.exe'",
        ". ./x.ps1",
        "Get-Process | & { touch }",
        "iex 'touch x'",
        "Invoke-WebRequest https://elsewhere.example",
        "Set-Service x -Status Running",
        "New-Item x",
        "Start-Process x",
        "powershell -EncodedCommand AAAA",
        "cmd /c ver",
        "Get-Item a$(touch x)",
        'Get-Item "a$(touch x)"',
        "Get-Process @options",
        "$PSDefaultParameterValues = 1",
        "function Get-Process { touch x }",
        "Get-Process \u201c$(touch x)\u201d",
        "kubectl apply -f x",
        "rundll32.exe x.dll,Go",
        "Get-Process; ./x",
    ],
)
def test_anything_else_in_powershell_is_not(command: str) -> None:
    assert assess(command, "powershell").risk is not Class.READ_ONLY


@pytest.mark.parametrize(
    "command", ["Remove-Item -Recurse C:\\x", "rm x", "Format-Volume D", "Stop-Computer", "kubectl delete pod x", "spps -Id 1"]
)
def test_destroying_in_powershell_is_destructive(command: str) -> None:
    assert assess(command, "powershell").risk is Class.DESTRUCTIVE


@pytest.mark.parametrize(
    "command",
    ["ipconfig /all", "tasklist /v", "netstat -ano", "ping -n 3 web1", "sc query spooler", "dir C:\\logs", "systeminfo"],
)
def test_plain_reading_in_cmd_is_read_only(command: str) -> None:
    assert assess(command, "cmd").risk is Class.READ_ONLY


@pytest.mark.parametrize(
    "command",
    [
        "ipconfig /release",
        "ipconfig /all > x",
        "ipconfig & calc",
        "tasklist | more",
        "ping -t web1",
        "ping %COMPUTERNAME%",
        "sc create x binPath= y",
        "sc \\\\web1 query",
        "net user a b /add",
        "type x",
        "certutil -urlcache -f http://elsewhere.example/x x",
        "rundll32 x.dll,Go",
        "wmic process call create calc",
        "C:\\Windows\\Temp\\ipconfig",
        "powershell -c x",
        "dir ^& calc",
        "echo x>y",
        "ver\nx",
    ],
)
def test_anything_else_in_cmd_is_not(command: str) -> None:
    assert assess(command, "cmd").risk is not Class.READ_ONLY


def test_destroying_in_cmd_is_destructive() -> None:
    assert assess("del /q C:\\x", "cmd").risk is Class.DESTRUCTIVE
