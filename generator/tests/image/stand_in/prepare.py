"""Creates in the emulator what a test starts with, as described in JSON, and prints the ids by their names.

{"region": ..., "images": [{"name", "tags", "age"}], "stacks": {name: image}, "functions": {name: image},
 "instances": [image], "templates": {name: image}, "snapshots": [{"name", "tags"}]}
"""

import io
import json
import sys
import zipfile

import boto3

wanted, endpoint = json.loads(sys.argv[1]), sys.argv[2]
region = wanted["region"]
ids = {}


def client(service):
    return boto3.client(
        service, region_name=region, endpoint_url=endpoint, aws_access_key_id="test", aws_secret_access_key="test"
    )


def tags(given):
    return [{"Key": key, "Value": value} for key, value in given.items()]


ec2 = client("ec2")
for image in wanted.get("images", []):
    volume = ec2.create_volume(AvailabilityZone=f"{region}a", Size=8)["VolumeId"]
    snapshot = ec2.create_snapshot(VolumeId=volume)["SnapshotId"]
    mapping = {"DeviceName": "/dev/xvda", "Ebs": {"SnapshotId": snapshot, "VolumeSize": 8}}
    made = ec2.register_image(
        Name=image["name"], Architecture=image.get("architecture", "x86_64"), RootDeviceName="/dev/xvda", BlockDeviceMappings=[mapping]
    )
    ids[image["name"]] = made["ImageId"]
    named = ec2.describe_images(ImageIds=[made["ImageId"]])["Images"][0]["BlockDeviceMappings"][0]["Ebs"]["SnapshotId"]
    ids[f"{image['name']}-snapshot"] = named
    if image.get("tags"):
        ec2.create_tags(Resources=[made["ImageId"], named], Tags=tags(image["tags"]))
for snapshot in wanted.get("snapshots", []):
    volume = ec2.create_volume(AvailabilityZone=f"{region}a", Size=8)["VolumeId"]
    ids[snapshot["name"]] = ec2.create_snapshot(VolumeId=volume)["SnapshotId"]
    ec2.create_tags(Resources=[ids[snapshot["name"]]], Tags=tags(snapshot["tags"]))
for name, image in wanted.get("templates", {}).items():
    ec2.create_launch_template(LaunchTemplateName=name, LaunchTemplateData={"ImageId": ids[image]})
for image in wanted.get("instances", []):
    ec2.run_instances(ImageId=ids[image], MinCount=1, MaxCount=1)
for name, image in wanted.get("stacks", {}).items():
    template = {"Parameters": {"DefaultAMI": {"Type": "String"}}, "Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}}
    client("cloudformation").create_stack(
        StackName=name,
        TemplateBody=json.dumps(template),
        Parameters=[{"ParameterKey": "DefaultAMI", "ParameterValue": ids[image]}],
    )
for name, image in wanted.get("functions", {}).items():
    package = io.BytesIO()
    with zipfile.ZipFile(package, "w") as archive:
        archive.writestr("bootstrap", "")
    role = client("iam").create_role(RoleName=f"{name}-{region}", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
    client("lambda").create_function(
        FunctionName=name,
        Role=role,
        Code={"ZipFile": package.getvalue()},
        Runtime="provided.al2023",
        Handler="bootstrap",
        Environment={"Variables": {"DEFAULT_AMI": ids[image]}},
    )
print(json.dumps(ids))
